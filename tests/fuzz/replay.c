/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The main of a harness without libFuzzer. fuzz_NAME runs every file of $top_srcdir/tests/fuzz/corpus/NAME,
 * then variants of them. The variants come from a generator with a fixed seed, so each run makes the same ones;
 * FUZZ_VARIANTS says how many. fuzz_NAME FILE... runs these files alone.
 *
 * When an input brings the harness down, it is left in NAME.crash in the working directory, ready to be given
 * as FILE.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (256 * 1024)
#define VARIANTS 2000
#define SECONDS_MAX 60 /* for one input; a busy machine and valgrind included */

struct input {
        uint8_t *data;
        size_t size;
};

/* What the handler of a crash needs. */
static struct {
        const uint8_t *data;
        size_t size;
        char path[256];
} current;

#ifdef HAVE_SANITIZERS
void __sanitizer_set_death_callback(void (*callback)(void));
#endif

/* Async-signal-safe. */
static void current_keep(void)
{
        int fd = open(current.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        if (fd < 0)
                return;
        (void)!write(fd, current.data, current.size);
        (void)!write(STDERR_FILENO, "input kept in ", 14);
        (void)!write(STDERR_FILENO, current.path, strlen(current.path));
        (void)!write(STDERR_FILENO, "\n", 1);
        close(fd);
}

static void crashed(int number)
{
        current_keep();
        raise(number); /* SA_RESETHAND: for good, this time */
}

static void crash_watch(void)
{
        static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGALRM };
        struct sigaction action = { .sa_handler = crashed, .sa_flags = (int)SA_RESETHAND | SA_NODEFER };

        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                sigaction(signals[i], &action, NULL);
#ifdef HAVE_SANITIZERS
        __sanitizer_set_death_callback(current_keep);
#endif
}

static void input_run(const uint8_t *data, size_t size)
{
        /* An allocation of exactly this size, so that a read beyond it is seen. */
        uint8_t *copy = malloc(size ? size : 1);

        fuzz_require(copy);
        memcpy(copy, data, size);
        current.data = copy;
        current.size = size;
        alarm(SECONDS_MAX);
        fuzz_require(LLVMFuzzerTestOneInput(copy, size) == 0);
        alarm(0);
        free(copy);
}

/* ---- variants ---- */

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static size_t random_below(size_t bound)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return bound ? (size_t)(random_state >> 11) % bound : 0;
}

/* Put @with in the place of [at, at + cut), as far as there is room. */
static void input_splice(struct input *input, size_t at, size_t cut, const void *with, size_t size)
{
        if (input->size - cut + size > INPUT_MAX)
                return;
        memmove(input->data + at + size, input->data + at + cut, input->size - at - cut);
        memcpy(input->data + at, with, size);
        input->size = input->size - cut + size;
}

static void input_mutate(struct input *input, const struct input *other)
{
        static const char *const words[] = {
                "\"",      "\\",      "{",    "}",  "[",    "]",  "(",
                ")",       ",",       ":",    ";",  "null", "-1", "9223372036854775808",
                "\\u0000", "\\ud800", "\xff", "\n", "#",    "/*", "?",
                "->",      "0.1",     "true"
        };
        size_t at = random_below(input->size + 1), left = input->size - at, length;
        uint8_t byte = (uint8_t)random_below(256);
        char piece[64];

        switch (random_below(7)) {
        case 0: /* flip a bit */
                if (left)
                        input->data[at] ^= (uint8_t)(1U << random_below(8));
                return;
        case 1: /* another byte */
                if (left)
                        input->data[at] = byte;
                return;
        case 2: /* cut */
                input_splice(input, at, random_below(MIN(left, (size_t)32) + 1), "", 0);
                return;
        case 3: /* one byte more */
                input_splice(input, at, 0, &byte, 1);
                return;
        case 4: /* a word that means something to one of the formats */
                length = random_below(ARRAY_SIZE(words));
                input_splice(input, at, random_below(2) ? MIN(left, (size_t)1) : 0, words[length],
                             strlen(words[length]));
                return;
        case 5: /* a piece of itself again */
                length = random_below(MIN(left, sizeof(piece)) + 1);
                memcpy(piece, input->data + at, length);
                input_splice(input, random_below(input->size + 1), 0, piece, length);
                return;
        default: /* the rest from another file */
                if (other->size) {
                        length = random_below(other->size);
                        input_splice(input, at, left, other->data + length, other->size - length);
                }
                return;
        }
}

/* ---- the corpus ---- */

static void input_load(const char *path, struct input *ret)
{
        char *data = NULL;
        int r = file_read(AT_FDCWD, path, INPUT_MAX, &data, &ret->size);

        if (r < 0) {
                fprintf(stderr, "%s: %s\n", path, strerror(-r));
                exit(EXIT_FAILURE);
        }
        ret->data = (uint8_t *)data;
}

static size_t corpus_load(const char *directory, struct input **ret)
{
        struct dirent **entries = NULL;
        int count = scandir(directory, &entries, NULL, alphasort);
        size_t loaded = 0;
        struct input *inputs = calloc(count > 0 ? (size_t)count : 1, sizeof(*inputs));

        fuzz_require(inputs);
        for (int i = 0; i < count; i++) {
                if (entries[i]->d_name[0] != '.') {
                        _cleanup_free_ char *path = path_join(directory, entries[i]->d_name);
                        fuzz_require(path);
                        input_load(path, &inputs[loaded++]);
                }
                free(entries[i]);
        }
        free(entries);
        if (loaded == 0) {
                fprintf(stderr, "%s: expected a corpus, found nothing\n", directory);
                exit(EXIT_FAILURE);
        }
        *ret = inputs;
        return loaded;
}

static void corpus_run(const char *directory, size_t variants)
{
        struct input *inputs;
        size_t count = corpus_load(directory, &inputs);
        struct input variant = { .data = malloc(INPUT_MAX) };

        fuzz_require(variant.data);
        for (size_t i = 0; i < count; i++)
                input_run(inputs[i].data, inputs[i].size);
        for (size_t i = 0; i < variants; i++) {
                const struct input *input = &inputs[i % count];
                memcpy(variant.data, input->data, input->size);
                variant.size = input->size;
                for (size_t changes = 1 + random_below(4); changes > 0; changes--)
                        input_mutate(&variant, &inputs[random_below(count)]);
                input_run(variant.data, variant.size);
        }
        printf("%zu inputs and %zu variants of them\n", count, variants);
        for (size_t i = 0; i < count; i++)
                free(inputs[i].data);
        free(inputs);
        free(variant.data);
}

int main(int argc, char **argv)
{
        const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
        const char *source = getenv("top_srcdir"), *wanted = getenv("FUZZ_VARIANTS");
        int64_t variants = VARIANTS;

        if (strncmp(name, "fuzz_", 5) == 0)
                name += 5;
        snprintf(current.path, sizeof(current.path), "%s.crash", name);
        crash_watch();
        for (int i = 1; i < argc; i++) {
                struct input input;
                input_load(argv[i], &input);
                input_run(input.data, input.size);
                free(input.data);
        }
        if (argc > 1)
                return EXIT_SUCCESS;
        if (wanted && parse_int64(wanted, 0, INT32_MAX, &variants) < 0) {
                fprintf(stderr, "FUZZ_VARIANTS: expected a number, found \"%s\"\n", wanted);
                return EXIT_FAILURE;
        }
        _cleanup_free_ char *directory = format_string("%s/tests/fuzz/corpus/%s", source ? source : ".",
                                                       name);
        fuzz_require(directory);
        corpus_run(directory, (size_t)variants);
        return EXIT_SUCCESS;
}
