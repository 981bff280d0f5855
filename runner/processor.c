/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/processor.h"

#include <stdbool.h>
#include <stddef.h>
#ifdef __arm__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "lib/util.h"

#if defined(__x86_64__) || defined(__i386__)
#define HAS(name, feature)                                                                                   \
        {                                                                                                    \
                name, __builtin_cpu_supports(feature) != 0                                                   \
        }
#endif

const char *processor_feature(unsigned index)
{
        const struct {
                const char *name;
                bool is_there;
        } features[] = {
#if defined(__x86_64__) || defined(__i386__)
                HAS("hasMMX", "mmx"),
                HAS("hasSSE", "sse"),
                HAS("hasSSE2", "sse2"),
                HAS("hasSSE3", "sse3"),
                HAS("hasSSSE3", "ssse3"),
                HAS("hasSSE4A", "sse4a"),
                HAS("hasSSE4_1", "sse4.1"),
                HAS("hasSSE4_2", "sse4.2"),
                HAS("hasAVX", "avx"),
                HAS("hasAVX2", "avx2"),
                HAS("hasAES", "aes"),
#elif defined(__aarch64__)
                { "hasNEON", true }, /* a part of the architecture */
#elif defined(__arm__)
                { "hasNEON", (getauxval(AT_HWCAP) & HWCAP_NEON) != 0 },
                { "hasEDSP", (getauxval(AT_HWCAP) & HWCAP_EDSP) != 0 },
                { "hasARMv6", __ARM_ARCH >= 6 }, /* what this was built for is there */
                { "hasARMv7", __ARM_ARCH >= 7 },
#endif
                { NULL, true },
        };

        for (size_t i = 0; i < ARRAY_SIZE(features); i++)
                if (features[i].is_there && index-- == 0)
                        return features[i].name;
        return NULL;
}
