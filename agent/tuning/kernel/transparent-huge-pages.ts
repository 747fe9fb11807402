import type { AdvisedPart } from '../advised-part.ts'
import type { KernelInput } from './kernel-input.ts'
import { commandProposal } from './kernel-proposal.ts'

const directory = '/sys/kernel/mm/transparent_hugepage'
const kept =
  'it is lost with the next boot unless the boot loader or a unit repeats it (transparent_hugepage=madvise on the command line of the kernel)'

/** Large pages that the kernel makes by itself of small ones: PostgreSQL never asks for them. */
export function transparentHugePages({ host }: KernelInput): AdvisedPart {
  const { transparentHugePages: enabled, transparentHugePageDefrag: defrag } = host
  return {
    proposals: [
      ...(enabled === 'always'
        ? [
            commandProposal(
              'transparent_hugepage/enabled',
              { current: enabled, proposed: 'madvise' },
              {
                reason:
                  'with always the kernel makes large pages of the memory of each session, moves memory about for it, and gives more than was asked for',
                evidence: `${directory}/enabled`,
                risk: `programs that gain by it and do not ask for it lose that; ${kept}`,
                effect: 'no stalls while memory is moved, and sessions take what they use',
                statement: `echo madvise > ${directory}/enabled`,
              },
            ),
          ]
        : []),
      ...(defrag === 'always' && enabled !== 'never'
        ? [
            commandProposal(
              'transparent_hugepage/defrag',
              { current: defrag, proposed: 'defer+madvise' },
              {
                reason: 'with always whoever asks for memory waits until room for a large page is made',
                evidence: `${directory}/defrag`,
                risk: 'it is lost with the next boot',
                effect: 'room is made in the background',
                statement: `echo defer+madvise > ${directory}/defrag`,
              },
            ),
          ]
        : []),
    ],
    notes: [],
  }
}
