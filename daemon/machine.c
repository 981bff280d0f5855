/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/machine.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/logind.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define VALUE_MAX 64        /* bytes of a file with one word */
#define TEXT_MAX 4096       /* of one with a few lines */
#define ROUTES_MAX 65536    /* lines that are read */
#define ROUTE_UP 0x0001     /* RTF_UP */
#define ROUTE_REJECT 0x0200 /* RTF_REJECT */
#define INTERFACE_LINE_MAX 512

static int root_read(const char *root, const char *path, size_t max, char **ret)
{
        _cleanup_free_ char *whole = format_string("%s%s", root, path);
        _cleanup_close_ int fd = whole ? open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
        size_t size;

        if (fd < 0)
                return whole ? -errno : -ENOMEM;
        return fd_read_all(fd, 0, max, ret, &size);
}

/* ---- power ---- */

/* The word in a file of a power supply; "": there is none. */
static void supply_word(const char *root, const char *supply, const char *file, char ret[static VALUE_MAX])
{
        _cleanup_free_ char *path = format_string("/sys/class/power_supply/%s/%s", supply, file);
        _cleanup_free_ char *text = NULL;

        ret[0] = '\0';
        if (path && root_read(root, path, VALUE_MAX - 1, &text) == 0 && text)
                snprintf(ret, VALUE_MAX, "%.*s", (int)strcspn(text, "\n"), text);
}

int machine_on_ac_power(const char *root)
{
        _cleanup_free_ char *path = format_string("%s/sys/class/power_supply", root);
        DIR *directory = path ? opendir(path) : NULL;
        bool online = false, offline = false, discharging = false;
        char word[VALUE_MAX];
        struct dirent *entry;

        if (!directory)
                return MACHINE_UNKNOWN;
        while ((entry = readdir(directory))) {
                if (entry->d_name[0] == '.')
                        continue;
                /* That of a mouse or a keyboard says nothing of the machine. */
                supply_word(root, entry->d_name, "scope", word);
                if (strcmp(word, "Device") == 0)
                        continue;
                supply_word(root, entry->d_name, "type", word);
                bool battery = strcmp(word, "Battery") == 0;
                if (!battery && strcmp(word, "Mains") != 0 && strncmp(word, "USB", 3) != 0)
                        continue;
                supply_word(root, entry->d_name, battery ? "status" : "online", word);
                if (battery)
                        discharging = discharging || strcmp(word, "Discharging") == 0;
                else if (strcmp(word, "0") == 0)
                        offline = true;
                else if (word[0])
                        online = true;
        }
        closedir(directory);
        return online || (!offline && !discharging);
}

/* ---- network ---- */

/* Columns with blanks between them: Iface Destination Gateway Flags RefCnt Use Metric Mask, numbers in base 16. */
static bool route_parse4(char *const *words, size_t count, const char **ret_interface)
{
        if (count < 8 || strcmp(words[1], "00000000") != 0 || strcmp(words[7], "00000000") != 0)
                return false;
        unsigned long flags = strtoul(words[3], NULL, 16);
        *ret_interface = words[0];
        return (flags & ROUTE_UP) && !(flags & ROUTE_REJECT);
}

/* Destination, its prefix, source, its prefix, next hop, metric, references, use, flags, interface. */
static bool route_parse6(char *const *words, size_t count, const char **ret_interface)
{
        if (count < 10 || words[0][strspn(words[0], "0")] || strcmp(words[1], "00") != 0)
                return false;
        unsigned long flags = strtoul(words[8], NULL, 16);
        *ret_interface = words[9];
        return (flags & ROUTE_UP) && !(flags & ROUTE_REJECT);
}

bool machine_route_parse(const char *line, bool ipv6, char *ret_interface, size_t size)
{
        char copy[INTERFACE_LINE_MAX], *words[16], *rest = NULL;
        const char *interface = NULL;
        size_t count = 0;

        if (snprintf(copy, sizeof(copy), "%s", line) >= (int)sizeof(copy))
                return false;
        for (char *word = strtok_r(copy, " \t\n", &rest); word && count < ARRAY_SIZE(words);
             word = strtok_r(NULL, " \t\n", &rest))
                words[count++] = word;
        if (!(ipv6 ? route_parse6 : route_parse4)(words, count, &interface) || strlen(interface) >= size)
                return false;
        snprintf(ret_interface, size, "%s", interface);
        return true;
}

static bool interface_runs(int fd, const char *name)
{
        struct ifreq request = { 0 };

        if (strlen(name) >= sizeof(request.ifr_name))
                return false;
        memcpy(request.ifr_name, name, strlen(name));
        return ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) &&
               (request.ifr_flags & IFF_RUNNING) && !(request.ifr_flags & IFF_LOOPBACK);
}

/* Whether a default route in one of the kernel's tables leads somewhere. @known: the table can be read. */
static bool routes_lead_out(const char *root, const char *path, bool ipv6, int fd, bool *known)
{
        _cleanup_free_ char *whole = format_string("%s%s", root, path);
        FILE *file = whole ? fopen(whole, "re") : NULL;
        char line[INTERFACE_LINE_MAX], interface[IFNAMSIZ];
        bool found = false;

        if (!file)
                return false;
        *known = true;
        for (int i = 0; i < ROUTES_MAX && !found && fgets(line, sizeof(line), file); i++)
                found = machine_route_parse(line, ipv6, interface, sizeof(interface)) &&
                        interface_runs(fd, interface);
        fclose(file);
        return found;
}

int machine_has_network(const char *root)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool known = false;

        if (fd < 0)
                return MACHINE_UNKNOWN;
        if (routes_lead_out(root, "/proc/net/route", false, fd, &known) ||
            routes_lead_out(root, "/proc/net/ipv6_route", true, fd, &known))
                return 1;
        return known ? 0 : MACHINE_UNKNOWN;
}

/* ---- load and pressure ---- */

/* "WHOLE.HH", as the kernel prints averages: in hundredths, MACHINE_UNKNOWN: it is not that. */
static int hundredths_parse(const char *text)
{
        char *end;
        unsigned long whole = strtoul(text, &end, 10);

        if (end == text || *end != '.' || whole > 1000000 || !isdigit((unsigned char)end[1]) ||
            !isdigit((unsigned char)end[2]))
                return MACHINE_UNKNOWN;
        return (int)whole * 100 + (end[1] - '0') * 10 + (end[2] - '0');
}

int machine_load_percent(const char *root)
{
        _cleanup_free_ char *text = NULL;
        long processors = sysconf(_SC_NPROCESSORS_ONLN);

        if (processors < 1 || root_read(root, "/proc/loadavg", TEXT_MAX, &text) < 0 || !text)
                return MACHINE_UNKNOWN;
        int load = hundredths_parse(text);
        return load == MACHINE_UNKNOWN ? load : (int)(load / processors);
}

const char *machine_pressure_name(enum machine_pressure pressure)
{
        static const char *const names[MACHINE_PRESSURE_COUNT] = {
                [MACHINE_PRESSURE_CPU] = "cpu",
                [MACHINE_PRESSURE_MEMORY] = "memory",
                [MACHINE_PRESSURE_IO] = "io",
        };

        return names[pressure];
}

int machine_pressure(const char *root, enum machine_pressure pressure)
{
        _cleanup_free_ char *path = format_string("/proc/pressure/%s", machine_pressure_name(pressure));
        _cleanup_free_ char *text = NULL;
        static const char prefix[] = "some avg10=";

        if (!path || root_read(root, path, TEXT_MAX, &text) < 0 || !text)
                return MACHINE_UNKNOWN;
        const char *some = strstr(text, prefix);
        return some ? hundredths_parse(some + sizeof(prefix) - 1) : MACHINE_UNKNOWN;
}

/* ---- idleness ---- */

/* The terminals of a folder whose names begin with @prefix and go on with a digit. The kernel notes reading with a
 * resolution of 8 s. */
static int64_t terminals_used_at_us(const char *root, const char *folder, const char *prefix)
{
        _cleanup_free_ char *path = format_string("%s%s", root, folder);
        DIR *directory = path ? opendir(path) : NULL;
        size_t length = strlen(prefix);
        struct dirent *entry;
        struct stat status;
        int64_t latest_us = 0;

        if (!directory)
                return 0;
        while ((entry = readdir(directory))) {
                const char *number = entry->d_name + length;
                if (strncmp(entry->d_name, prefix, length) != 0 || *number < '0' || *number > '9' ||
                    fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                int64_t at_us = status.st_atim.tv_sec * (int64_t)USEC_PER_SEC + status.st_atim.tv_nsec / 1000;
                latest_us = MAX(latest_us, at_us);
        }
        closedir(directory);
        return latest_us;
}

int64_t machine_used_at_us(const char *root, bool *ret_by_logind)
{
        int64_t now_us = clock_realtime_us();
        int64_t used_us = now_us - clock_boottime_us();

        used_us = MAX(used_us, terminals_used_at_us(root, "/dev/pts", ""));
        used_us = MAX(used_us, terminals_used_at_us(root, "/dev", "tty"));
        *ret_by_logind = false;
        if (!*root) {
                int64_t since_us = 0;
                enum logind_answer answer = logind_idle(&since_us);
                *ret_by_logind = answer == LOGIND_ACTIVE;
                if (answer == LOGIND_IDLE)
                        used_us = MAX(used_us, since_us);
        }
        return *ret_by_logind ? now_us : MIN(used_us, now_us);
}

/* ---- space ---- */

int64_t machine_free_space(const char *path)
{
        struct statvfs status;

        if (statvfs(path, &status) < 0)
                return -errno;
        uint64_t bytes;
        if (__builtin_mul_overflow((uint64_t)status.f_bavail, (uint64_t)status.f_frsize, &bytes) ||
            bytes > INT64_MAX)
                return INT64_MAX;
        return (int64_t)bytes;
}
