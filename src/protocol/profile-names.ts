/** Named sets of rules (SEMANTICS 10): the product's own, and two that come close to other engines. */
export const PROFILES = ['hotcell/v1', 'backtrader', 'backtesting.py'] as const
export type ProfileName = (typeof PROFILES)[number]
