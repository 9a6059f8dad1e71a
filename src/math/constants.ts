/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- both parts of each constant stand to 53 bits */
/*
 * π and ln 2 as the kernels need them. A name without a suffix is the nearest double, with LO what that double lacks;
 * HI and LO are a value with zeros at its end, so that an integer times HI is exact, and the rest.
 */
export const PI = 3.141592653589793116
export const PI_LO = 1.2246467991473531772e-16
export const PIO2 = 1.570796326794896558
export const PIO2_LO = 6.12323399573676603587e-17
export const PIO4 = 7.85398163397448278999e-1
export const PIO4_LO = 3.06161699786838301793e-17

export const LN2 = 6.93147180559945286227e-1
export const LN2_HI = 6.9314718036912381649e-1
export const LN2_LO = 1.90821492927058770002e-10
/** ln 2 / 2 to 23 bits, rounded up: the border of the reduction of exp. */
export const HALF_LN2 = 5_814_540 / 16_777_216
export const INV_LN2 = 1.442695040888963387
