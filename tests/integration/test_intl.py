# SPDX-License-Identifier: MPL-2.0
"""What ICU is used for: it is loaded when a task first needs it, in all kinds of sandboxes, and takes large texts.

What it gives is held against Firefox in tests/gecko."""

import json
import unittest

import harness
from runner_harness import SANITIZED, RunnerTest, Zygote

LOADED = 'const loaded = async () => (await IOUtils.readUTF8("/proc/self/maps")).includes("libicui18n");\n'
WORDS = """
const words = text => Array.from(new Intl.Segmenter("th", { granularity: "word" }).segment(text), part => part.segment);
dump(words("สวัสดีครับ, world").join("|") + "\\n");"""


@unittest.skipUnless("#define HAVE_ICU 1" in (harness.BUILDDIR / "config.h").read_text(), "built without ICU")
class Intl(RunnerTest):
    def function(self, body, *args):
        self.write_function("intl", body)
        result = self.task("intl", *args)
        self.assertEqual(result.returncode, 0, result.err)
        return result.out

    def test_loaded_when_needed(self):
        out = self.function(LOADED + """
            new Intl.NumberFormat("de").format(5);
            const before = await loaded();
            [...new Intl.Segmenter("en").segment("ab")];
            dump([before, await loaded()] + "\\n");""")
        self.assertEqual(out, "false,true\n")

    def test_sandboxes(self):
        for flags, policy in (["--no-network"], ""), (["--no-network", "--no-jit"], "JIT=no\n"), ([], "Network=yes\n"):
            zygote = Zygote(self, *flags).wait_ready()
            self.write_function("words", WORDS)
            code, out, err, messages = zygote.run("words", policy=policy)
            self.assertEqual((code, out), (0, "สวัสดี|ครับ|,| |world\n"), err)
            self.assertNotIn("denied", [json.loads(message)["event"] for message in messages])

    def test_large_texts(self):
        """A text of 10 million units is copied once, whoever goes through it: its end is asked for from the beginning."""
        out = self.function("""
            const text = "Some words, and more. ".repeat(500000);
            const parts = new Intl.Segmenter("en", { granularity: "word" }).segment(text);
            let index = 0;
            for (const part of parts) {
              index = part.index;
              if (index > 100000) {
                break;
              }
            }
            dump([index, parts.containing(text.length - 3).segment, parts.containing(5).segment] + "\\n");""")
        self.assertEqual(out, "100001,more,words\n")

    def test_texts_without_an_end(self):
        """What has no place to divide it at is one segment, and not looked at again for each of its units."""
        out = self.function("""
            const long = "a".repeat(3000000);
            const [word, ...more] = new Intl.Segmenter("en", { granularity: "word" }).segment(long);
            const marks = [...new Intl.Segmenter("en").segment("a" + "\\u0301".repeat(1000000) + "b")];
            const joined = [...new Intl.Segmenter("km").segment("\\u1780\\u17d2".repeat(500000) + "\\u1780b")];
            dump([word.segment.length, more.length, marks.length, joined.length] + "\\n");""")
        self.assertEqual(out, "3000000,0,2,2\n")

    @unittest.skipIf(SANITIZED, "a sanitizer keeps what was freed")
    def test_memory_of_texts(self):
        """Texts that nobody has any more are no one's memory: the copies count when it is decided when to collect."""
        out = self.function("""
            const text = "word ".repeat(400000);
            let sum = 0;
            for (let i = 0; i < 200; i++) {
              sum += new Intl.Segmenter("en", { granularity: "word" }).segment(text).containing(i).index;
            }
            const peak = /VmHWM:\\s+(\\d+)/.exec(await IOUtils.readUTF8("/proc/self/status"))[1] >> 10;
            dump([sum > 0, peak < 400 || peak] + "\\n");""")
        self.assertEqual(out, "true,true\n")

    def test_lone_surrogates(self):
        out = self.function("""
            const parts = [...new Intl.Segmenter("en").segment("\\ud83da\\udc00\\ud83d\\udc4d")];
            dump(JSON.stringify(parts.map(part => part.segment)) + "\\n");""")
        self.assertEqual(json.loads(out), ["\ud83d", "a", "\udc00", "👍"])


if __name__ == "__main__":
    harness.main(needs_daemon=False)
