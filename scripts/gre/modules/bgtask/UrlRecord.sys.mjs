// SPDX-License-Identifier: MPL-2.0
// A parsed URL and its serialisation.

/** The special schemes and their default ports. */
export const SPECIAL_PORTS = new Map([
  ["ftp", 21],
  ["file", null],
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
]);

export const isSingleDot = text => /^(\.|%2e)$/i.test(text);
export const isDoubleDot = text => /^(\.|%2e)(\.|%2e)$/i.test(text);
export const isDriveLetter = text => /^[A-Za-z][:|]$/.test(text);
export const isNormalDriveLetter = text => /^[A-Za-z]:$/.test(text);

/** path is a list of segments, or a string for an opaque one. host, port, query and fragment may be null. */
export class UrlRecord {
  scheme = "";
  username = "";
  password = "";
  host = null;
  port = null;
  path = [];
  query = null;
  fragment = null;

  get isSpecial() {
    return SPECIAL_PORTS.has(this.scheme);
  }
  get hasOpaquePath() {
    return typeof this.path == "string";
  }
  get hasCredentials() {
    return this.username != "" || this.password != "";
  }
  get cannotHaveCredentialsOrPort() {
    return this.host === null || this.host == "" || this.scheme == "file";
  }
  shortenPath() {
    if (this.scheme == "file" && this.path.length == 1 && isNormalDriveLetter(this.path[0])) {
      return;
    }
    this.path.pop();
  }
  serializePath() {
    return this.hasOpaquePath ? this.path : this.path.map(segment => "/" + segment).join("");
  }
  /** Without the fragment when @excludeFragment. */
  serialize(excludeFragment = false) {
    let text = this.scheme + ":";
    if (this.host !== null) {
      text += "//";
      if (this.hasCredentials) {
        text += this.username + (this.password != "" ? ":" + this.password : "") + "@";
      }
      text += this.host + (this.port === null ? "" : ":" + this.port);
    } else if (!this.hasOpaquePath && this.path.length > 1 && this.path[0] == "") {
      text += "/.";
    }
    text += this.serializePath();
    if (this.query !== null) {
      text += "?" + this.query;
    }
    return this.fragment !== null && !excludeFragment ? text + "#" + this.fragment : text;
  }
}
