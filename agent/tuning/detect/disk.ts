import { basename } from 'node:path'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { DiskClass } from '../recommend/machine.ts'
import type { DiskFacts } from './host-facts.ts'

/** A whole disk, as far as the kernel knows it. */
export interface Disk extends DiskFacts {
  /** By what it says of itself; `unknown` where that cannot be believed. */
  readonly diskClass: DiskClass
  /** Half a sentence: why that one. */
  readonly why: string
}

/** How clouds and arrays call what they have behind a network. Source: the models that these disks give. */
const networkModels =
  /Elastic Block Store|PersistentDisk|nvme_card-pd|hyperdisk|Virtual Disk|MSFT NVMe Accelerator|BlockVolume|LUN|iSCSI|VIRTUAL-DISK|3PARdata|NETAPP/i
/** Disks of a host that clouds hand on to one machine. */
const localModels = /EC2 NVMe Instance Storage|^nvme_card\d*$|Microsoft NVMe Direct Disk|EphemeralDisk/i
const virtualModels = /QEMU|VBOX|VMware|Virtio/i
const sectorKiB = 1024

/** @param at - its directory in /sys. @param isVirtual - whether this is a virtual machine */
export function readDisk(files: KernelFiles, at: string, isVirtual: boolean): Disk {
  const name = basename(at)
  const vendor = files.value(`${at}/device/vendor`) ?? ''
  // Of virtio the vendor is a number.
  const words = [/^0x/.test(vendor) ? '' : vendor, files.value(`${at}/device/model`) ?? '']
  const model = words.filter((word) => word !== '').join(' ')
  const scheduler = files.value(`${at}/queue/scheduler`)
  const readAhead = files.value(`${at}/queue/read_ahead_kb`)
  return {
    name,
    model: model === '' ? null : model,
    scheduler: /\[(.+?)\]/.exec(scheduler ?? '')?.[1] ?? scheduler ?? null,
    readAheadBytes: readAhead === undefined ? null : Number(readAhead) * sectorKiB,
    ...classOf(files, at, { name, model, isVirtual }),
  }
}

/**
 * A virtual disk says that it rotates, whatever it is, so that flag is believed of a disk of SCSI or SATA alone, and only where the machine
 * is no virtual one.
 */
function classOf(
  files: KernelFiles,
  at: string,
  { name, model, isVirtual }: { readonly name: string; readonly model: string; readonly isVirtual: boolean },
): Pick<Disk, 'diskClass' | 'why'> {
  const is = (diskClass: DiskClass, why: string): Pick<Disk, 'diskClass' | 'why'> => ({ diskClass, why })
  const rotates = files.value(`${at}/queue/rotational`)
  if (localModels.test(model)) return is('nvme', `its model is ${model}, which is local`)
  if (networkModels.test(model)) return is('san', `its model is ${model}, which is behind a network`)
  const transport = files.value(`${at}/device/transport`)
  if (transport !== undefined && ['tcp', 'rdma', 'fc'].includes(transport))
    return is('san', `NVMe over ${transport}`)
  if (/\/session\d+\//.test(at)) return is('san', 'it is attached by iSCSI')
  if (/\/rport-\d/.test(at)) return is('san', 'it is attached by Fibre Channel')
  if (/^(rbd|nbd|drbd)\d/.test(name)) return is('san', `${name.replace(/\d.*/, '')} is a network's`)
  if (virtualModels.test(model))
    return is('unknown', `its model is ${model}, which says nothing of what is below`)
  if (name.startsWith('nvme')) return is('nvme', model === '' ? 'NVMe' : `NVMe, its model is ${model}`)
  if (!name.startsWith('sd') || isVirtual) {
    const says = rotates === '1' ? 'says that it rotates, whatever it is' : 'does not say what is below'
    return is('unknown', `${isVirtual ? 'a virtual disk' : 'it'} ${says}`)
  }
  return rotates === '1' ? is('hdd', 'it rotates') : is('ssd', 'it does not rotate')
}
