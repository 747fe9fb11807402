import { describe, expect, test } from 'vitest'
import { parseJoinToken, printJoinToken } from '../../../common/trust/join-token.ts'

const token = { id: 'k3xQ_a-9', secret: 's'.repeat(43), fingerprint: 'f'.repeat(43) }

describe('a join token', () => {
  test('is read as it was printed, with white space around it', () => {
    expect(parseJoinToken(` ${printJoinToken(token)}\n`)).toEqual(token)
  })

  test.each([
    ['cut at its end', printJoinToken(token).slice(0, -1)],
    ['with something behind it', `${printJoinToken(token)}x`],
    ['of another kind', printJoinToken(token).replace('join-1', 'join-2')],
    ['empty', ''],
  ])('%s is none', (_, text) => {
    expect(parseJoinToken(text)).toBeUndefined()
  })
})
