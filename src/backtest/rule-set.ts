/** Identity of the rules that a result was computed under; changes with every change of a rule (SEMANTICS). */
export const RULE_SET = 'hotcell/v1:2026-11'

/** Identity of this implementation of the rules: cell and host compare it before they compare results (V2). */
export const ENGINE = 'hotcell-engine/0.1.0'

/** The rules that this release applies. */
export const RULES = [
  'T1',
  'T2',
  'T3',
  'T4',
  'T5',
  'T6',
  'P1',
  'P2',
  'P3',
  'P5',
  'P6',
  'P7',
  'F1',
  'F2',
  'F3',
  'F4',
  'F5',
  'F6',
  'F7',
  'F9',
  'F10',
  'F11',
  'F12',
  'F13',
  'L1',
  'L2',
  'L3',
  'L4',
  'C1',
  'C2',
  'C3',
  'C4',
  'V1',
  'V2',
  'V3',
  'X1',
] as const
