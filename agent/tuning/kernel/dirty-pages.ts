import { printAbout } from '../../../common/tuning/print-size.ts'
import { constants } from './constants.ts'
import { noPart } from '../advised-part.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { sysctlProposal } from './kernel-proposal.ts'

const [background, most] = ['vm.dirty_background', 'vm.dirty']

/** How much of what was written the kernel keeps before it begins to write it, and before whoever writes has to wait. */
export function dirtyPages(input: KernelInput): AdvisedPart {
  const { host } = input
  const memory = host.memoryTotalBytes
  const now = keptNow(input)
  if (memory === null || now === undefined) return noPart
  return memory >= constants.dirtyBytesFromBytes ? inBytes(input, now) : inShares(input, now, memory)
}

/** Bytes before it begins to write; a ratio is of what is available. Undefined where this kernel does not tell. */
function keptNow({ host }: KernelInput): number | undefined {
  const bytes = host.sysctls.get(`${background}_bytes`)
  const ratio = host.sysctls.get(`${background}_ratio`)
  if (bytes === undefined || ratio === undefined) return undefined
  if (Number(bytes) > 0) return Number(bytes)
  return (Number(ratio) / 100) * (host.memoryAvailableBytes ?? host.memoryTotalBytes ?? 0)
}

const why = (kept: number) => ({
  reason: `up to ${printAbout(kept)} are kept before the kernel begins to write, which a checkpoint then waits for at its end`,
  risk: 'what is written again and again goes to the disk more often',
  effect: 'flushes are short and even, and so are commits meanwhile',
})

function inBytes({ host, machine }: KernelInput, kept: number): AdvisedPart {
  const wanted = constants.dirtyBackgroundBytes[machine.diskClass]
  if (kept <= wanted * constants.dirtyTolerance) return noPart
  const limit = Math.min(wanted * constants.dirtyTimesBackground, constants.dirtyMostBytes)
  return {
    proposals: [
      sysctlProposal(
        `${background}_bytes`,
        { current: host.sysctls.get(`${background}_bytes`) ?? '0', proposed: wanted },
        {
          ...why(kept),
          reason: `${printAbout(wanted)}: ${why(kept).reason}`,
          evidence: `sysctl ${background}_bytes ${background}_ratio`,
        },
      ),
      sysctlProposal(
        `${most}_bytes`,
        { current: host.sysctls.get(`${most}_bytes`) ?? '0', proposed: limit },
        {
          ...why(kept),
          reason: `${printAbout(limit)}, ${constants.dirtyTimesBackground} times as much and at most 1GB: then whoever writes waits`,
        },
      ),
    ],
    notes: [],
  }
}

function inShares({ host }: KernelInput, kept: number, memory: number): AdvisedPart {
  const wanted = (constants.dirtyBackgroundRatio / 100) * memory
  if (kept <= wanted * constants.dirtyTolerance) return noPart
  return {
    proposals: (
      [
        [`${background}_ratio`, constants.dirtyBackgroundRatio],
        [`${most}_ratio`, constants.dirtyRatio],
      ] as const
    ).flatMap(([name, proposed]) => {
      const current = host.sysctls.get(name)
      return current === undefined || Number(current) <= proposed
        ? []
        : [sysctlProposal(name, { current, proposed }, why(kept))]
    }),
    notes: [],
  }
}
