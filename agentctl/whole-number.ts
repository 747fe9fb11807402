import { InvalidArgumentError } from 'commander'

/** A parser of whole numbers within bounds, both included. */
export function wholeNumber(min: number, max: number): (given: string) => number {
  return (given) => {
    const number = /^\d{1,15}$/.test(given) ? Number(given) : NaN
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(`allowed: ${min} to ${max}`)
  }
}
