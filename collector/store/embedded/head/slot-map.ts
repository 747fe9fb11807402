/**
 * From a series ref to its slot in one window. Refs are dense over the whole process but sparse in a late
 * window, so the array is cut into pages that exist only where something is mapped.
 */
export interface SlotMap {
  readonly pages: (Int32Array | undefined)[]
  /** Pages that exist. */
  pageCount: number
}

const pageBits = 10
const pageSize = 1 << pageBits

export function createSlotMap(): SlotMap {
  return { pages: [], pageCount: 0 }
}

export function slotMapBytes(map: SlotMap): number {
  return map.pageCount * pageSize * 4 + map.pages.length * 8
}

/** -1 where the ref has no slot. */
export function slotAt(map: SlotMap, ref: number): number {
  const page = map.pages[ref >>> pageBits]
  return page === undefined ? -1 : page[ref & (pageSize - 1)]!
}

export function setSlot(map: SlotMap, ref: number, slot: number): void {
  const index = ref >>> pageBits
  // Filled up so that the array stays a plain, hole-free one.
  while (map.pages.length <= index) map.pages.push(undefined)
  let page = map.pages[index]
  if (page === undefined) {
    page = map.pages[index] = new Int32Array(pageSize).fill(-1)
    map.pageCount++
  }
  page[ref & (pageSize - 1)] = slot
}
