/** How far local time is from UTC at a moment, and what it is called then. */
export interface ZoneTime {
  readonly name: string
  readonly offsetSeconds: number
}

const utc: ZoneTime = { name: 'UTC', offsetSeconds: 0 }

const headerBytes = 44
const magic = 0x54_5a_69_66

/**
 * Reads a file of tzfile(5) (RFC 9636): a table of changes up to some year, and a rule for the time after it. Date
 * knows as much, but brings a megabyte of the world's time zones along.
 * @param file /etc/localtime; none, or one that cannot be read, is UTC
 */
export function zoneTimeAt(file: Buffer | undefined, seconds: number): ZoneTime {
  try {
    return file === undefined ? utc : read(file, seconds)
  } catch (error) {
    // A file that ends too early.
    if (error instanceof RangeError) return utc
    throw error
  }
}

function read(file: Buffer, seconds: number): ZoneTime {
  if (file.readUInt32BE(0) !== magic || file[4]! < 0x32) return utc
  // The first part, with 32 bits for a time, is there for old readers.
  const second = headerBytes + partBytes(file, 0, 4)
  const [, , , changes, types] = countsOf(file, second)
  const times = second + headerBytes
  const indices = times + changes * 8
  const infos = indices + changes
  const names = infos + types * 6
  const change = (i: number): number => Number(file.readBigInt64BE(times + i * 8))
  let last = changes - 1
  if (last >= 0 ? seconds >= change(last) : true) {
    const rule = file.toString('latin1', second + headerBytes + partBytes(file, second, 8))
    const found = byRule(rule.trim(), seconds)
    if (found !== undefined) return found
  }
  while (last >= 0 && change(last) > seconds) last--
  const info = infos + (last < 0 ? 0 : file.readUInt8(indices + last)) * 6
  const name = names + file.readUInt8(info + 5)
  return {
    offsetSeconds: file.readInt32BE(info),
    name: file.toString('latin1', name, file.indexOf(0, name)),
  }
}

/** Counts of a header: UTC indicators, standard indicators, leap seconds, changes, types, bytes of names. */
function countsOf(file: Buffer, at: number): readonly [number, number, number, number, number, number] {
  const count = (i: number): number => file.readUInt32BE(at + 20 + i * 4)
  return [count(0), count(1), count(2), count(3), count(4), count(5)]
}

/** What follows a header. */
function partBytes(file: Buffer, at: number, timeBytes: number): number {
  const [utcs, standards, leaps, changes, types, names] = countsOf(file, at)
  return changes * (timeBytes + 1) + types * 6 + names + leaps * (timeBytes + 4) + standards + utcs
}

const ruleParts =
  /^(<[^>]+>|[A-Za-z]+)([-+\d:]+)(?:(<[^>]+>|[A-Za-z]+)([-+\d:]*),M(\d+)\.(\d)\.(\d)(?:\/([-+\d:]+))?,M(\d+)\.(\d)\.(\d)(?:\/([-+\d:]+))?)?$/

/** `CET-1CEST,M3.5.0,M10.5.0/3`: from the last Sunday of March at 2:00 to that of October at 3:00. */
function byRule(rule: string, seconds: number): ZoneTime | undefined {
  const parts = ruleParts.exec(rule)
  if (parts === null) return undefined
  const nameOf = (i: number): string => parts[i]!.replaceAll(/[<>]/g, '')
  // The rule counts westwards.
  const standard: ZoneTime = { name: nameOf(1), offsetSeconds: 0 - secondsOf(parts[2]!) }
  if (parts[3] === undefined) return standard
  const summer: ZoneTime = {
    name: nameOf(3),
    offsetSeconds: parts[4] === '' ? standard.offsetSeconds + 3600 : 0 - secondsOf(parts[4]!),
  }
  const year = new Date((seconds + standard.offsetSeconds) * 1000).getUTCFullYear()
  const dateOf = (i: number): number =>
    dayOf(year, Number(parts[i]), Number(parts[i + 1]), Number(parts[i + 2])) + secondsOf(parts[i + 3] ?? '2')
  // Each change is told in the time that it ends.
  const starts = dateOf(5) - standard.offsetSeconds
  const ends = dateOf(9) - summer.offsetSeconds
  const isSummer = starts < ends ? seconds >= starts && seconds < ends : seconds >= starts || seconds < ends
  return isSummer ? summer : standard
}

/** `-3:30` */
function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.replace(/^[-+]/, '').split(':').map(Number)
  return (time.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
}

/** Midnight of the first to fourth, or with 5 the last, such weekday of a month, as seconds of UTC. */
function dayOf(year: number, month: number, week: number, weekday: number): number {
  const daySeconds = 86_400
  const first = Date.UTC(year, month - 1, 1) / 1000
  const days = Date.UTC(year, month, 1) / 1000 - first
  const shift = (weekday - new Date(first * 1000).getUTCDay() + 7) % 7
  let day = shift + (week - 1) * 7
  while (day * daySeconds >= days) day -= 7
  return first + day * daySeconds
}
