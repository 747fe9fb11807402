// Loaded before the program (node --import): asks it to stop when the process that started it is gone. A
// parent that was killed cannot pass anything on, so the child has to look.
const parent = process.ppid

setInterval(() => {
  if (process.ppid === parent) return
  process.kill(process.pid, 'SIGTERM')
}, 500).unref()
