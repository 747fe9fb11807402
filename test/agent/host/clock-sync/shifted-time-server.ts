import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Seconds from the beginning of NTP's time, 1900, to that of Unix. */
const from1900 = 2_208_988_800

/**
 * An NTP server on loopback whose time is `shiftSeconds` ahead of the clock (RFC 5905, figure 8). It is made up because
 * a real daemon would have to change the machine's clock to serve another time.
 */
export async function startShiftedTimeServer(
  shiftSeconds: number,
  address = '127.0.0.1',
  port = 0,
): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket('udp4')
  const writeTime = (packet: Buffer, at: number): void => {
    const seconds = (performance.timeOrigin + performance.now()) / 1000 + shiftSeconds + from1900
    packet.writeUInt32BE(Math.floor(seconds), at)
    packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4)
  }
  socket.on('message', (request, sender) => {
    const packet = Buffer.alloc(48)
    writeTime(packet, 32) // Received
    packet[0] = (4 << 3) | 4 // Version 4, a server
    packet[1] = 2 // Stratum
    packet[2] = request[2]!
    packet[3] = 0xe7 // Precision: 2^-25 s
    packet.writeUInt32BE(0.0625 * 65536, 4) // Root delay
    packet.writeUInt32BE(0.03125 * 65536, 8) // Root dispersion
    packet.write('GPS\0', 12, 'latin1')
    writeTime(packet, 16) // Last set
    request.copy(packet, 24, 40, 48)
    writeTime(packet, 40) // Sent
    socket.send(packet, sender.port, sender.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>((done) => socket.close(() => done())),
  }
}
