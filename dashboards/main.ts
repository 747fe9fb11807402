import { writeBoards } from './write-boards.ts'

await writeBoards()
