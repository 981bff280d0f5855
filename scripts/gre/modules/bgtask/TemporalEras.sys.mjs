// SPDX-License-Identifier: MPL-2.0
// Eras of calendars: what year a year of an era is, and the other way round.

/** An era that counts on from the year @base, and one that counts back. */
export const after = base => ({ toYear: eraYear => base + eraYear, of: year => year - base });
export const before = base => ({ toYear: eraYear => base - eraYear, of: year => base - year });

/** @returns {[object, function]} one era for all years */
export function oneEra(name) {
  return [{ [name]: after(0) }, () => name];
}

/** @returns {[object, function]} two eras: the later one begins with the year 1 */
export function twoEras(later, earlier, earlierYears = before(1)) {
  const eras = { [later]: after(0), [earlier]: earlierYears };
  return [eras, (date, { year }) => (year > 0 ? later : earlier)];
}
