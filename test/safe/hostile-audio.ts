/** Files that say they are audio, and are made to hurt whoever opens them. */

/** A file by its name; `isAudio`: whether its first bytes are those of a kind that is kept. */
export interface HostileFile {
  readonly name: string
  readonly bytes: Buffer
  readonly isAudio: boolean
}

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')
const HTML = '<!doctype html><script>alert(document.domain)</script>'

/** No audio at all, whatever the name and the type say. */
export function disguised(): readonly HostileFile[] {
  const files: Record<string, Buffer> = {
    html: ascii(HTML),
    'html after spaces': ascii(' '.repeat(5000) + HTML),
    svg: ascii('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    xml: ascii(
      '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    ),
    zip: Buffer.concat([ascii('PK\x03\x04\x14\x00\x00\x00\x08\x00'), Buffer.alloc(500)]),
    exe: Buffer.concat([ascii('MZ\x90\x00'), Buffer.alloc(500)]),
    elf: Buffer.concat([ascii('\x7fELF\x02\x01\x01'), Buffer.alloc(500)]),
    pdf: ascii('%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>endobj'),
    gif: Buffer.concat([ascii('GIF89a'), ascii(HTML)]),
    script: ascii('#!/bin/sh\nreboot\n'),
    flash: Buffer.concat([ascii('FWS\x06'), Buffer.alloc(500)]),
    gzip: Buffer.concat([Buffer.from('1f8b0800', 'hex'), Buffer.alloc(500)]),
    zeros: Buffer.alloc(10_000),
  }
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes, isAudio: false }))
}

/** Audio by their first bytes, and something else, or nothing readable, after them. */
export function hostileAudio(mp3: Buffer): readonly HostileFile[] {
  const files: Record<string, Buffer> = {
    'mp3 and html': Buffer.concat([mp3.subarray(0, 4000), ascii(HTML.repeat(50))]),
    'html in an ID3 tag': Buffer.concat([id3(ascii(HTML)), mp3.subarray(0, 4000)]),
    'mp3 and zip': Buffer.concat([mp3.subarray(0, 4000), ascii('PK\x03\x04'), Buffer.alloc(300)]),
    'an ID3 tag of 256 MiB': Buffer.concat([
      ascii('ID3\x04\x00\x00\x7f\x7f\x7f\x7f'),
      Buffer.alloc(100_000),
    ]),
    'wav of 4 GiB': wav([['data', Buffer.alloc(1000), 0xffffffff]]),
    'wav, a list of 4 GiB': wav([['LIST', ascii('INFOINAM\xf0\xff\xff\x7f'), 0xfffffff0]]),
    'wav, a tag of 2 GiB': wav([['id3 ', Buffer.alloc(1000), 0x7ffffff0]]),
    'wav and html': wav([['data', ascii(HTML.repeat(20)), HTML.length * 20]]),
    'm4a, an atom of 4 GiB': Buffer.concat([FTYP, atom('moov', Buffer.alloc(100), 0xfffffff0)]),
    'm4a, atoms in atoms': Buffer.concat([FTYP, atomsInAtoms(20_000)]),
    'm4a, many atoms': Buffer.concat([
      FTYP,
      Buffer.concat(Array(20_000).fill(atom('free', Buffer.alloc(0)))),
    ]),
    'webm without end': Buffer.concat([
      Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'),
      Buffer.from('42878104428581021853806701ffffffffffffff1549a96601fffffffffffff7', 'hex'),
      Buffer.alloc(3000, 0xec),
    ]),
    'opus, a tag of 4 GiB': Buffer.concat([
      page(OPUS_HEAD, 2, 0),
      page(Buffer.concat([ascii('OpusTags'), Buffer.alloc(4, 0xff), Buffer.alloc(200)]), 0, 1),
    ]),
    'opus, noise': Buffer.concat([
      page(OPUS_HEAD, 2, 0),
      page(Buffer.concat([ascii('OpusTags'), Buffer.alloc(8)]), 0, 1),
      ...Array.from({ length: 300 }, (_, i) => page(noise(2000, i), 0, i + 2)),
    ]),
    'vorbis of 255 channels': vorbis(255, Buffer.alloc(20_000, 0xff)),
    'vorbis, books without end': vorbis(1, noise(60_000, 7)),
    'vorbis, comments without end': Buffer.concat([
      page(vorbisHead(1), 2, 0),
      ...Array.from({ length: 100 }, (_, i) => openPage(i === 0 ? '\x03vorbis' : '', i + 1)),
    ]),
    'mp3, frames of nothing': Buffer.concat([mp3.subarray(0, 2000), Buffer.alloc(3_000_000, 0xff)]),
    'mp3, changed': Buffer.from(mp3.map((byte, i) => (i > 500 && i % 97 === 0 ? i & 255 : byte))),
    'aac, frames of nothing': Buffer.concat([
      Buffer.from('fff15080011ffc', 'hex'),
      Buffer.alloc(100_000, 0xff),
    ]),
  }
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes, isAudio: true }))
}

function u32be(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

function u32le(value: number): Buffer {
  return u32be(value).reverse() as Buffer
}

function id3(content: Buffer): Buffer {
  const size = [21, 14, 7, 0].map((shift) => (content.length >> shift) & 0x7f)
  return Buffer.concat([ascii('ID3\x04\x00\x00'), Buffer.from(size), content])
}

/** Chunks with the lengths that they say, not those that they have. */
function wav(chunks: readonly (readonly [string, Buffer, number])[]): Buffer {
  const format = Buffer.from('01000100401f0000803e000002001000', 'hex')
  return Buffer.concat([
    ascii('RIFF\xff\xff\xff\xffWAVEfmt '),
    u32le(16),
    format,
    ...chunks.flatMap(([name, content, length]) => [ascii(name), u32le(length), content]),
  ])
}

function atom(name: string, content: Buffer, size = content.length + 8): Buffer {
  return Buffer.concat([u32be(size), ascii(name), content])
}

const FTYP = atom('ftyp', ascii('M4A \x00\x00\x00\x00M4A mp42isom'))

function atomsInAtoms(count: number): Buffer {
  const bytes = Buffer.alloc(count * 8)
  for (let i = 0; i < count; i += 1) {
    bytes.writeUInt32BE((count - i) * 8, i * 8)
    bytes.write(i % 2 === 0 ? 'moov' : 'trak', i * 8 + 4)
  }
  return bytes
}

const OPUS_HEAD = Buffer.concat([
  ascii('OpusHead\x01\x01\x00\x00'),
  u32le(8000),
  Buffer.from([0, 0, 0]),
])

/** One page of Ogg with one packet. */
function page(packet: Buffer, type: number, sequence: number): Buffer {
  const table = [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255]
  if (table.length > 255) {
    const first = packet.subarray(0, 255 * 255)
    return Buffer.concat([
      pageOf(Array(255).fill(255), first, type, sequence),
      page(packet.subarray(255 * 255), 1, sequence + 1),
    ])
  }
  return pageOf(table, packet, type, sequence)
}

/** A page whose packet goes on in the next. */
function openPage(begin: string, sequence: number): Buffer {
  const body = Buffer.alloc(255 * 254)
  body.write(begin, 'latin1')
  return pageOf(Array(254).fill(255), body, begin === '' ? 1 : 0, sequence)
}

function pageOf(table: readonly number[], body: Buffer, type: number, sequence: number): Buffer {
  return Buffer.concat([
    ascii('OggS\x00'),
    Buffer.from([type]),
    Buffer.alloc(8),
    u32le(1),
    u32le(sequence),
    u32le(0),
    Buffer.from([table.length, ...table]),
    body,
  ])
}

function vorbisHead(channels: number): Buffer {
  return Buffer.concat([
    ascii('\x01vorbis'),
    u32le(0),
    Buffer.from([channels]),
    u32le(8000),
    Buffer.alloc(12),
    Buffer.from([0xdd, 1]),
  ])
}

function vorbis(channels: number, setup: Buffer): Buffer {
  return Buffer.concat([
    page(vorbisHead(channels), 2, 0),
    page(Buffer.concat([ascii('\x03vorbis'), Buffer.alloc(8), Buffer.from([1])]), 0, 1),
    page(Buffer.concat([ascii('\x05vorbis'), setup]), 0, 2),
    ...Array.from({ length: 20 }, (_, i) => page(noise(500, i), 0, i + 3)),
  ])
}

function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed + 1
  for (let i = 0; i < length; i += 1) {
    state = Math.imul(state, 1664525) + 1013904223
    bytes[i] = state >>> 24
  }
  return bytes
}
