import { createPrivateKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasTrueDigest, withDigest } from '../../../common/command/digest.ts'
import { operatorKey, parseOperatorKey, printOperatorKey } from '../../../common/command/operator-key.ts'
import { parseOperatorsFile } from '../../../common/command/operators-file.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import { isSignedBy, signCommand, signPayload, signedText } from '../../../common/command/sign.ts'
import { signedCommand } from '../../../common/command/signed-command.ts'
import { commandPayloadAt } from '../../../testbed/command-payload.ts'

const payload = commandPayloadAt(1_000)

describe('a signed command', () => {
  const anna = generateSigningKey('anna')

  test('is canonical, of the shape that travels, and holds under its key alone', () => {
    const command = signCommand(payload, anna)
    expect(signedCommand.parse(command)).toEqual(command)
    expect(command.payload.startsWith('{"args":{},"deadline_ms":10000,')).toBe(true)
    const [signature] = command.signatures
    expect(isSignedBy(command.payload, signature!, anna)).toBe(true)
    expect(isSignedBy(command.payload, signature!, generateSigningKey('anna'))).toBe(false)
  })

  test('does not hold with any bit of its text or of its signature changed', () => {
    const { payload: text, signatures } = signCommand(payload, anna)
    const signature = signatures[0]!
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 6 }), (at, bit) => {
        const bytes = Buffer.from(text)
        bytes[at % bytes.length]! ^= 1 << bit
        expect(isSignedBy(bytes.toString('latin1'), signature, anna)).toBe(false)
        const raw = Buffer.from(signature.signature, 'base64url')
        raw[at % 64]! ^= 1 << bit
        const changed = { ...signature, signature: raw.toString('base64url') }
        expect(isSignedBy(text, changed, anna)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  test('has one spelling of its signature', () => {
    const { payload: text, signatures } = signCommand(payload, anna)
    const { key, signature } = signatures[0]!
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // The last letter has four bits that mean nothing.
    const last = letters.indexOf(signature.at(-1)!)
    const respelt = signature.slice(0, -1) + letters[last ^ 1]!
    expect(Buffer.from(respelt, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
    expect(isSignedBy(text, { key, signature: respelt }, anna)).toBe(false)
  })

  test('signs with what it is for, so that no other signature of the key can be one of it', () => {
    expect(signedText('{}').toString()).toBe('pgherd-command-v1\n{}')
    expect(isSignedBy('x', signPayload(signedText('x').toString(), anna), anna)).toBe(false)
  })

  test('is not made of a payload that no agent would take', () => {
    expect(() => signCommand({ ...payload, nonce: 'short' }, anna)).toThrow('nonce')
  })
})

describe("an operator's public key", () => {
  // The key of RFC 8032, 7.1, test 1.
  const raw = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
  const line = 'pgherd-ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo anna'

  test('is one line, and its id is that of the raw key', () => {
    const key = operatorKey(raw, 'anna')
    expect(printOperatorKey(key)).toBe(line)
    expect(parseOperatorKey(`  ${line}\r`)).toMatchObject({ id: '21fe31dfa154a261', name: 'anna' })
    expect(key.id).toBe('21fe31dfa154a261')
  })

  test('holds the signature of RFC 8032', () => {
    const pkcs8 = Buffer.from(
      '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'hex',
    )
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const key = { ...parseOperatorKey(line), privateKey }
    expect(isSignedBy('x', signPayload('x', key), parseOperatorKey(line))).toBe(true)
  })

  test.each([
    ['of another type', 'ssh-ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo anna', 'was no public key'],
    ['without a name', 'pgherd-ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 'was no public key'],
    ['with something behind it', `${line} more`, 'was no public key'],
    ['that is too short', 'pgherd-ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ anna', 'allowed: 32'],
    ['with padding', line.replace(' anna', '= anna'), '43 characters'],
    ['with a name that hides', line.replace('anna', 'an\u001bna'), 'the name of a key'],
    ['under which anybody can sign', `pgherd-ed25519 AQ${'A'.repeat(41)} anna`, 'small order'],
  ])('%s is refused', (_what, text, message) => {
    expect(() => parseOperatorKey(text)).toThrow(message)
  })

  test('stands in a file with others, whose mistakes are told by line', () => {
    const other = printOperatorKey(generateSigningKey('ben'))
    const { keys, problems } = parseOperatorsFile(
      `# who may\n\n${line}\n${other}\nx\n${line}`,
      '/etc/operators',
    )
    expect([...keys.values()].map(({ name }) => name)).toEqual(['anna', 'ben'])
    expect(problems).toEqual([
      '/etc/operators:5: was no public key; allowed: pgherd-ed25519 <key> <name>',
      '/etc/operators:6: the key of anna a second time; allowed: each once',
    ])
  })
})

test('the digest of a result tells when anything in it was changed', () => {
  const result = withDigest({
    outcome: 'done',
    message: 'fine',
    steps: ['a'],
    output: [{ type: 'facts', title: 't', facts: { b: 1, a: [null] } }],
    startedMs: 1,
    finishedMs: 2,
  })
  expect(hasTrueDigest(result)).toBe(true)
  expect(hasTrueDigest({ ...result, outcome: 'failed' })).toBe(false)
  expect(hasTrueDigest({ ...result, output: [] })).toBe(false)
})
