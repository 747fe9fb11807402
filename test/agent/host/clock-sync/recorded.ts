// What real daemons answered, byte for byte. The requests had the sequence number 7; the D-Bus call was the second.

/** chronyd 4.3 -x behind a server 0.25 s ahead: `chronyc tracking` showed 0.250036 s slow, 5 to 7 ppm fast. */
export const chronyTracking = Buffer.from(
  'BgIAAAAhAAUAAAAAAAAAAAAAAAcAAAAAAAAAAH8AAAF/AAABAAAAAAAAAAAAAAAAAAEAAAADAAAAAAAAawh5nhUwVKoAgASv22X/' +
    'G9jyoO8IpzFe/yiD4gqUepH8gEqD+oANK/iFksE=',
  'base64',
)

/** ntpsec 1.2.2 behind a server 25 ms ahead, without the right to set the clock. */
export const ntpVariables = Buffer.from(
  'FoIABwAUAAAAAACFbGVhcD0wLCBzdHJhdHVtPTMsIHJvb3RkZWxheT02Mi43NDQsIHJvb3RkaXNwPTEwMDAuMDAwLCByZWZpZD0x' +
    'MC43Ny4xLjIsDQpvZmZzZXQ9MjUuMDYxNzQ2LCBmcmVxdWVuY3k9MC4wMDAwMDAsIGNsa19qaXR0ZXI9OC4yODgzOTgNCgAAAA==',
  'base64',
)

/** ntpsec 1.2.2 that has no server. */
export const ntpVariablesUnsynchronized = Buffer.from(
  '1oIAB8AWAAAAAAB8bGVhcD0zLCBzdHJhdHVtPTE2LCByb290ZGVsYXk9MC4wMDAsIHJvb3RkaXNwPTEuMzUwLCByZWZpZD1JTklU' +
    'LA0Kb2Zmc2V0PTAuMDAwMDAwLCBmcmVxdWVuY3k9MC4wMDAwMDAsIGNsa19qaXR0ZXI9MC4wMDAwNjANCg==',
  'base64',
)

/** systemd-timesyncd 252 to Properties.Get of NTPMessage, behind a server 0.25 s ahead. */
export const ntpMessageReply = Buffer.from(
  'bAIBAYAAAAAHAAAALQAAAAUBdQACAAAABgFzAAQAAAA6MS4zAAAAAAgBZwABdgAABwFzAAQAAAA6MS4xAAAAABIodXV1dWl0dGF5' +
    'dHR0dGJ0dCkAAAAAAAAAAAAEAAAABAAAAAIAAADn////AAAAACT0AAAAAAAAEnoAAAAAAAAEAAAAR1BTACflKxAyYQYAGrwvEDJh' +
    'BgBHvC8QMmEGAAjtKxAyYQYAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAA',
  'base64',
)
