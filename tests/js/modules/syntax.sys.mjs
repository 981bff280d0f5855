// SPDX-License-Identifier: MPL-2.0
let x = ;
