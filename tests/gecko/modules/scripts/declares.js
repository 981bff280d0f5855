// SPDX-License-Identifier: MPL-2.0
var loaded = 42;
let lexical = 1;
function add(a) { return a + loaded; }
this.me = typeof local;
43;
