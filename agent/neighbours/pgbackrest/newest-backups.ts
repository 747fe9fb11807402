import type { Stanza } from '../../../common/backup/pgbackrest-info.ts'

/**
 * The stanzas with the newest `count` of all their backups: each backup is ten series, and a repository that nothing
 * expires must not take the place of everything else.
 * @returns the same stanzas where there are no more
 */
export function newestBackups(stanzas: readonly Stanza[], count: number): readonly Stanza[] {
  const stops = stanzas.flatMap(({ backup }) => backup.map(({ timestamp }) => timestamp.stop))
  if (stops.length <= count) return stanzas
  const oldest = stops.sort((a, b) => b - a)[count - 1]!
  // Of several that ended in the second of the oldest one, as many as there is room for.
  let room = count - stops.filter((stop) => stop > oldest).length
  return stanzas.map((stanza) => ({
    ...stanza,
    backup: stanza.backup.filter(
      ({ timestamp }) => timestamp.stop > oldest || (timestamp.stop === oldest && room-- > 0),
    ),
  }))
}
