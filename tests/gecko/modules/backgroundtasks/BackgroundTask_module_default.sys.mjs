// SPDX-License-Identifier: MPL-2.0
export default function runBackgroundTask() {}
