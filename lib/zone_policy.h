/* SPDX-License-Identifier: MPL-2.0 */
/* What becomes of local times that a zone's clock leaves out or has twice. */
#ifndef LIB_ZONE_POLICY_H
#define LIB_ZONE_POLICY_H

/* A local time inside a gap: a fixed one elapses at the first instant after it, never, or later by its length. */
enum zone_gap { ZONE_GAP_RUN_AFTER, ZONE_GAP_SKIP, ZONE_GAP_SHIFT };
/* A fixed hour in an overlap elapses in the first pass, in the second, or in both. */
enum zone_overlap { ZONE_OVERLAP_FIRST, ZONE_OVERLAP_SECOND, ZONE_OVERLAP_BOTH };

#endif
