import { printAbout } from '../../../../common/tuning/print-size.ts'
import type { ChosenDiskClass } from '../choose-disk-class.ts'
import type { FoundHost } from '../found-host.ts'
import { isSameFileSystem } from '../place.ts'
import type { Place } from '../place.ts'
import { fact, section } from './section.ts'
import type { Fact, Section } from './section.ts'

const names = {
  hdd: 'rotating disk',
  ssd: 'local SSD',
  nvme: 'local NVMe',
  san: 'behind a network',
  unknown: "not known (taken for a network's)",
}

/** @param found - undefined where the server is not on this host */
export function storageSection(found: FoundHost | undefined, chosen: ChosenDiskClass): readonly Section[] {
  const { data, wal, tablespaces = [] } = found ?? {}
  const isShared = data !== undefined && wal !== undefined && isSameFileSystem(data, wal)
  return section('Storage', [
    fact('disk class', `${names[chosen.diskClass]}: ${chosen.why}`, chosen.from),
    placeFact('data directory', data),
    isShared ? fact('pg_wal', 'on the file system of the data', wal.path) : placeFact('pg_wal', wal),
    ...tablespaces.map((one) => placeFact(`tablespace ${one.name}`, one)),
    ...disksOf([data, wal, ...tablespaces]),
  ])
}

function placeFact(name: string, place: Place | undefined): readonly Fact[] {
  if (place === undefined) return []
  const { mount, sizeBytes, freeBytes, layers, disks, path } = place
  const size =
    sizeBytes === null || freeBytes === null
      ? 'which does not say how large it is'
      : `${printAbout(sizeBytes)}, ${printAbout(freeBytes)} free`
  const chain = [...layers, disks.map((disk) => disk.name).join(' and ')].filter((step) => step !== '')
  const at = mount.mountpoint === path ? path : `${path} (mounted at ${mount.mountpoint})`
  const on = chain.length === 0 ? mount.source : chain.join(' on ')
  return fact(name, `${mount.type} of ${size}, on ${on}`, at)
}

function disksOf(places: readonly (Place | undefined)[]): readonly (readonly Fact[])[] {
  const disks = new Map(places.flatMap((place) => place?.disks ?? []).map((disk) => [disk.name, disk]))
  return [...disks.values()].map((disk) => {
    const words = [
      disk.model ?? 'no model',
      `scheduler ${disk.scheduler ?? 'not known'}`,
      ...(disk.readAheadBytes === null ? [] : [`reads ahead ${printAbout(disk.readAheadBytes)}`]),
    ]
    return fact(`disk ${disk.name}`, words.join(', '), `/sys/block/${disk.name}`)
  })
}
