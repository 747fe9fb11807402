import { withoutSecrets } from '../../../common/backup/without-secrets.ts'
import { hideSecrets } from '../../../common/hide-secrets.ts'
import { BackupFailure } from '../backup-failure.ts'
import { judgeFailure } from './problem-rules.ts'
import type { EngineAnswer, EngineProgram } from './run-engine.ts'

type Place = Pick<EngineProgram, 'stanza' | 'configFile' | 'isLocal'>

/** Numbers of errors that pgBackRest gives only by name, within warnings and within `info`. */
const codeOfName: Readonly<Record<string, number>> = {
  ArchiveMismatchError: 44,
  BackupMismatchError: 51,
  ChecksumError: 26,
  ConfigError: 27,
  CryptoError: 95,
  DbConnectError: 56,
  FileMissingError: 55,
  FileOpenError: 41,
  FileReadError: 42,
  FormatError: 29,
  HostConnectError: 49,
  JsonFormatError: 99,
  PathMissingError: 73,
  PathOpenError: 53,
  ServiceError: 101,
  VersionNotSupportedError: 46,
  AccessError: 105,
}

const maxMessage = 600

/**
 * What a command that did not end with 0 failed of.
 * @param command pgBackRest's, such as `backup`
 */
export function classify(command: string, answer: Omit<EngineAnswer, 'output'>, place: Place): BackupFailure {
  const { status, signal, complaints, stray } = answer
  if (signal !== null) {
    const text = `pgBackRest's ${command} was ended by ${signal}, not by this agent; look whether memory ran out`
    return new BackupFailure('other', text)
  }
  const errors = complaints.filter(({ level }) => level === 'ERROR')
  // A member that is off is told by every command, and matters where no primary was found.
  const isOfMember = /unable to check pg\d+: \[(?:HostConnect|Service|Crypto|Protocol)Error\]/
  const noPrimary = status !== null && [27, 56, 80].includes(status)
  const told = complaints.filter((one) => noPrimary || one.level === 'ERROR' || !isOfMember.test(one.text))
  const text = [...told.map((complaint) => complaint.text), ...stray].join('\n')
  const codes = [status ?? 0, ...errors.flatMap(({ code }) => (code === null ? [] : [code]))]
  const first = errors[0]?.text ?? complaints[0]?.text ?? stray[0] ?? ''
  // These say only that there was something, and the warnings before them what.
  const cause =
    errors[0] !== undefined && [27, 56, 75, 103].includes(errors[0].code ?? 0) ? complaints[0]!.text : first
  return failureOf(`pgBackRest's ${command} (status ${status ?? '?'})`, {
    command,
    text,
    first: cause,
    codes,
    place,
  })
}

/** The same of what `info` and `verify`, which end with 0, say of a repository. */
export function classifyText(command: string, what: string, text: string, place: Place): BackupFailure {
  return failureOf(what, { command, text, first: text, codes: [], place })
}

function failureOf(
  what: string,
  failed: { command: string; text: string; first: string; codes: readonly number[]; place: Place },
): BackupFailure {
  const { command, text, first, place } = failed
  const named = [...text.matchAll(/\[?\b(\w+Error)\b\]?/g)].flatMap(([, name = '']) => codeOfName[name] ?? [])
  const codes = new Set([...failed.codes, ...named])
  const { problem, say } = judgeFailure({
    command,
    codes,
    text,
    stanza: place.stanza,
    configFile: place.configFile,
    isLocal: place.isLocal === true,
  })
  const said = plain(first)
  return new BackupFailure(problem, `${what}: ${say}${said === '' ? '' : ` (${said})`}`, {
    details: { codes: [...codes] },
  })
}

/** For a line of text: encrypted files that were read as text are among what it says. */
function plain(text: string): string {
  const short = text.replaceAll(
    /(outside of section at line \d+):.*$|:\s*\*\*\* Path\/Query \*\*\*.*$/gms,
    '$1',
  )
  const visible = short.replace(/[^\P{C}\n]|\uFFFD/gu, '').replaceAll(/\s+/g, ' ')
  return hideSecrets(withoutSecrets(visible)).trim().slice(0, maxMessage)
}
