import type { Proposal } from '../proposal.ts'

/** Lines for the kernel's settings, and commands for what is none of them. Each setting of sysctl is its own line. */
export function kernelLines(proposals: readonly Proposal[]): readonly string[] {
  const settings = proposals.filter(({ statement }) => statement === undefined)
  const commands = proposals.filter(({ statement }) => statement !== undefined)
  return [
    ...(settings.length === 0 ? [] : ['# /etc/sysctl.d/60-pgherd.conf; then: sysctl --system']),
    ...settings.map(({ parameter, proposed }) => `${parameter} = ${proposed}`),
    ...(commands.length === 0 ? [] : ['# as root']),
    ...commands.map(({ statement }) => statement ?? ''),
  ]
}
