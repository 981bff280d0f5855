// SPDX-License-Identifier: MPL-2.0
// Numbers for Temporal: what arguments become, and rounding. Nanoseconds are BigInts, everything else is a number.

/** An integer of whatever @value is, its fraction cut off. @what is its name, for the error. */
export function toIntegerWithTruncation(value, what) {
  const number = +value;
  if (!Number.isFinite(number)) {
    throw new RangeError(`${what} is not a finite number`);
  }
  return Math.trunc(number) + 0;
}

export function toPositiveInteger(value, what) {
  const integer = toIntegerWithTruncation(value, what);
  if (integer <= 0) {
    throw new RangeError(`${what} is not positive`);
  }
  return integer;
}

export function toIntegerIfIntegral(value, what) {
  const number = +value;
  if (!Number.isInteger(number)) {
    throw new RangeError(`${what} is not an integer`);
  }
  return number + 0;
}

/** What the language makes a BigInt of; a number is not that. */
export function toBigInt(value) {
  return BigInt.asIntN(Number.MAX_SAFE_INTEGER, value);
}

export function signOf(bigint) {
  return bigint > 0n ? 1 : bigint < 0n ? -1 : 0;
}

export function absolute(bigint) {
  return bigint < 0n ? -bigint : bigint;
}

export function compareValues(one, two) {
  return one < two ? -1 : one > two ? 1 : 0;
}

export function floorDiv(dividend, divisor) {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

export function floorMod(dividend, divisor) {
  const remainder = dividend % divisor;
  return remainder < 0n ? remainder + divisor : remainder;
}

/** floorDiv and floorMod of numbers. */
export function divide(dividend, divisor) {
  const quotient = Math.floor(dividend / divisor);
  return [quotient, dividend - quotient * divisor];
}

/** What a rounding mode does to amounts without a sign: of positive numbers, and of negative ones. */
const UNSIGNED = {
  ceil: ["infinity", "zero"],
  floor: ["zero", "infinity"],
  expand: ["infinity", "infinity"],
  trunc: ["zero", "zero"],
  halfCeil: ["half-infinity", "half-zero"],
  halfFloor: ["half-zero", "half-infinity"],
  halfExpand: ["half-infinity", "half-infinity"],
  halfTrunc: ["half-zero", "half-zero"],
  halfEven: ["half-even", "half-even"],
};

export const ROUNDING_MODES = Object.keys(UNSIGNED);

const OPPOSITES = { ceil: "floor", floor: "ceil", halfCeil: "halfFloor", halfFloor: "halfCeil" };

/** The mode that does to a number what @mode does to its negative. */
export function oppositeMode(mode) {
  return OPPOSITES[mode] ?? mode;
}

/**
 * Whether what lies between two steps goes to the one that is further from zero.
 * @param {bigint} rest  how far it is from the nearer one, of @span from step to step
 * @param {boolean} isEven  whether the nearer one is an even number of steps from zero
 */
export function roundsAway(rest, span, isEven, mode, isNegative) {
  const unsigned = UNSIGNED[mode][isNegative ? 1 : 0];
  if (rest == 0n || unsigned == "zero") {
    return false;
  }
  if (unsigned == "infinity") {
    return true;
  }
  const twice = rest * 2n;
  if (twice != span) {
    return twice > span;
  }
  return unsigned == "half-infinity" || (unsigned == "half-even" && !isEven);
}

/** @value, rounded to a multiple of @increment. */
export function roundToIncrement(value, increment, mode) {
  const amount = absolute(value);
  const steps = amount / increment;
  const isNegative = value < 0n;
  const away = roundsAway(amount % increment, increment, steps % 2n == 0n, mode, isNegative);
  const rounded = (steps + (away ? 1n : 0n)) * increment;
  return isNegative ? -rounded : rounded;
}

/** The same for points in time: towards zero is towards the past, wherever they lie. */
export function roundAsIfPositive(value, increment, mode) {
  const steps = floorDiv(value, increment);
  const away = roundsAway(floorMod(value, increment), increment, steps % 2n == 0n, mode, false);
  return (steps + (away ? 1n : 0n)) * increment;
}

/** The number that is nearest to @dividend / @divisor. */
export function ratio(dividend, divisor) {
  const negative = dividend < 0n != divisor < 0n;
  const [numerator, denominator] = [absolute(dividend), absolute(divisor)];
  const bits = Math.max(0, 70 + denominator.toString(2).length - numerator.toString(2).length);
  const scaled = numerator << BigInt(bits);
  // With one bit more for what the division leaves, the conversion to a number is the only one that rounds.
  const quotient = (scaled / denominator) * 2n + (scaled % denominator ? 1n : 0n);
  const number = Number(quotient) / 2 ** (bits + 1);
  return negative ? -number : number;
}
