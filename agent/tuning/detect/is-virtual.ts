import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'

/** Names of makers and products that are no hardware (DMI, "System Information"); a whole machine of a cloud is one of hardware. */
const virtualNames =
  /QEMU|KVM|VMware|VirtualBox|Xen|Bochs|Virtual Machine|OpenStack|Google Compute Engine|Amazon EC2|Alibaba Cloud|DigitalOcean|Hetzner vServer|Firecracker/i
const wholeMachine = /\.metal\b/

/** Whether the kernel runs in a virtual machine: the processor says so on x86, and else the firmware. */
export function isVirtualMachine(files: KernelFiles): boolean {
  const names = ['sys_vendor', 'product_name'].map((name) => files.value(`sys/class/dmi/id/${name}`) ?? '')
  if (names.some((name) => wholeMachine.test(name))) return false
  // The flags of the first processor stand in the first lines.
  if (/^flags\s*:.*\bhypervisor\b/m.test(files.value('proc/cpuinfo') ?? '')) return true
  if ((files.value('sys/hypervisor/type') ?? '') !== '') return true
  return names.some((name) => virtualNames.test(name))
}
