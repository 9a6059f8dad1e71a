/**
 * W − (1 − W)/payoff of returns per trade: W = share above 0, payoff = mean win over mean loss. Without a loss it is W;
 * without a win it is not above 0.
 */
export function kellyShare(returns: readonly number[]): number {
  let wins = 0
  let won = 0
  let losses = 0
  let lost = 0
  for (const value of returns) {
    if (value > 0) {
      wins += 1
      won += value
    } else if (value < 0) {
      losses += 1
      lost += value
    }
  }
  if (wins === 0) return 0
  const share = wins / returns.length
  if (losses === 0) return share
  const payoff = won / wins / -(lost / losses)
  return share - (1 - share) / payoff
}
