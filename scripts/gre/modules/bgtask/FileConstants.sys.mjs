// SPDX-License-Identifier: MPL-2.0
// The constants of nsIFile, of the interface and of each object: in a module of their own, since the table of all interfaces
// is large, and whoever asks for a file needs only these.

export const FILE_CONSTANTS = {
  NORMAL_FILE_TYPE: 0, DIRECTORY_TYPE: 1, OS_READAHEAD: 1073741824, DELETE_ON_CLOSE: 2147483648,
};
