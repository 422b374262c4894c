// serve_sockets.mjs - what curl cannot do: broken requests, many connections, a stop
// in the middle. Prints one line for each thing tried; serve_test.sh judges.
import net from 'node:net'
import tls from 'node:tls'

const [what, url, ...rest] = process.argv.slice(2)
const { hostname, port, protocol } = new URL(url)
const connect = () => protocol === 'https:' ? tls.connect({ port, host: hostname, rejectUnauthorized: false })
    : net.connect(Number(port), hostname)
const say = (isOk, sentence, got) => console.log(`${isOk ? 'ok' : 'FAILED'} ${sentence}${isOk ? '' : `: ${JSON.stringify(got)}`}`)

// Sends the parts one by one, each once the one before was written and `pause` ms passed; everything that comes back.
function talk(parts, { pause = 0, end = false, most = 120000 } = {}) {
    return new Promise(resolve => {
        const socket = connect()
        let text = ''
        const done = () => { socket.destroy(); resolve(text) }
        const timer = setTimeout(done, most)
        socket.on('data', bytes => { text += bytes.toString('latin1') })
        socket.on('error', () => {})
        socket.on('close', () => { clearTimeout(timer); resolve(text) })
        socket.on('connect', () => {
            const send = i => {
                if (i === parts.length) return end && socket.end()
                socket.write(parts[i], () => setTimeout(send, pause, i + 1))
            }
            send(0)
        })
    })
}

const statuses = text => [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(match => match[1]).join(' ')

// The body is an error of ours.
const isError = text => /^content-type: application\/json\r$/im.test(text) && /\r\n\r\n\{"code":"\w+","message":"[^"]+","field":null\}$/.test(text)

async function misbehave(key) {
    const basic = Buffer.from(`${key}:`).toString('base64')
    const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: h\r\n${more}\r\n`
    const event = '{"userId":"p","event":"x"}'
    const post = `POST /v1/track HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ${basic}\r\n`
    const last = 'Connection: close\r\n'

    let got = await talk(['GET /healthz HTTP/1.1\r\nHo'], { end: true })
    say(statuses(got) === '' || statuses(got) === '400', 'half a request is dropped', got)
    got = await talk([get('/healthz') + `${post}Content-Length: ${event.length}\r\n\r\n${event}` + get('/nothing') + get('/readyz', last)])
    say(statuses(got) === '200 200 404 200', 'pipelined requests are answered in order', got)
    got = await talk([get('/healthz', `X-Long: ${'a'.repeat(100000)}\r\n${last}`)])
    say(['431', '400', '413'].includes(statuses(got)), 'giant headers are refused', statuses(got))
    say(isError(got), 'as every error is', got)
    got = await talk([get(`/${'a'.repeat(100000)}`, last)])
    say(['414', '431', '400'].includes(statuses(got)) && isError(got), 'a giant request line is refused', got)
    got = await talk(['GET / HTTP/3.0\r\n\r\n'])
    say(statuses(got) === '505' && isError(got), 'another version is refused', got)
    got = await talk(['GET /healthz\r\n\r\n'])
    say(statuses(got) === '400' && isError(got), 'what has no version is refused', got)
    got = await talk(['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'], { end: true })
    say(['', '400'].includes(statuses(got)), 'what is no HTTP is dropped', got)
    got = await talk([get('/healthz').replace('Host: h\r\n', last)])
    say(statuses(got) === '400', 'HTTP/1.1 without a host is refused', got)
    const chunks = [`${post}${last}Transfer-Encoding: chunked\r\n\r\n`, `5\r\n${event.slice(0, 5)}\r\n`,
        `${(event.length - 5).toString(16)}\r\n${event.slice(5)}\r\n`, '0\r\n\r\n']
    got = await talk(chunks, { pause: 20 })
    say(statuses(got) === '200', 'a body in chunks, byte by byte, is taken', got)
    got = await talk([`${post}Content-Length: 1000\r\n\r\n${event}`], { end: true })
    say(['', '400'].includes(statuses(got)), 'a body that stops half-way is dropped', got)
    got = await talk([`${post}${last}Content-Length: 99999999999\r\n\r\n`])
    say(statuses(got) === '400', 'a body that is announced too large is refused unread', got)
}

// Who trickles one byte at a time, for ever, is shut down; the server is started with --idle 2.
async function trickle() {
    const began = Date.now()
    const bytes = [...'GET /healthz HTTP/1.1\r\nHost: h\r\nX-Slow: '].concat(Array(200).fill('a'))
    await talk(bytes, { pause: 100 })
    say(Date.now() - began < 100 * bytes.length, 'slow headers are given up before their end', Date.now() - began)
    const body = [`POST /v1/track HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\n`].concat(Array(300).fill('a'))
    const again = Date.now()
    await talk(body, { pause: 100 })
    say(Date.now() - again < 100 * body.length, 'and so is a slow body', Date.now() - again)
}

// What takes long does not hold up what must not: the server is started with one thread for its connections.
async function slow(token) {
    const bearer = `Authorization: Bearer ${token}\r\n`
    const ended = []
    const ask = (name, method, path, json, more = 'Connection: close\r\n') => {
        const body = json ? JSON.stringify(json) : ''
        return talk([`${method} ${path} HTTP/1.1\r\nHost: h\r\n${bearer}${more}Content-Length: ${body.length}\r\n\r\n${body}`])
            .then(text => { ended.push(name); return text })
    }
    const person = i => ask('password', 'POST', '/v1/people', { name: `p${i}`, role: 'viewer', password: 'correct horse' })
    const passwords = [person(1), person(2), person(3)]
    const quick = await ask('quick', 'GET', '/healthz')
    say(statuses(quick) === '200' && ended[0] === 'quick', 'passwords hold up nobody', ended)
    const made = await Promise.all(passwords)
    say(made.every(text => statuses(text) === '200'), 'and are taken', made.map(statuses))

    const many = Array.from({ length: 300 }, () => ask('preview', 'GET', '/openapi.json'))
    const keys = await ask('keys', 'GET', '/v1/keys')
    say(statuses(keys) === '200' && ended.filter(name => name === 'preview').length < 300, 'many of one route leave room for others', statuses(keys))
    const answers = await Promise.all(many)
    const refused = answers.filter(text => statuses(text) === '503')
    say(answers.every(text => ['200', '503'].includes(statuses(text))) && refused.length > 0 && refused.length < 300 &&
        refused.every(text => /\r\nRetry-After: [1-9]\d*\r\n/i.test(text) && text.includes('"code":"busy"')),
        'more than can wait are told to come again', [refused.length, refused[0]])
    const after = await ask('after', 'GET', '/openapi.json')
    say(statuses(after) === '200', 'and then they are served', statuses(after))
    // Who leaves while their answer is being made harms nobody.
    for (let i = 0; i < 30; i++) {
        const socket = connect()
        socket.on('error', () => {})
        await new Promise(resolve => socket.write(`GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n`, resolve))
        socket.destroy()
    }
    say(statuses(await ask('still', 'GET', '/v1/keys')) === '200', 'those who leave early harm nobody')
}

async function idle(n) {
    let open = 0
    const sockets = []
    const request = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'
    const one = () => new Promise((resolve, reject) => {
        const socket = connect()
        sockets.push(socket)
        socket.on('error', reject)
        socket.once('data', () => { open++; resolve() })
        socket.write(request)
    })
    for (let i = 0; i < n; i += 500) await Promise.all(Array.from({ length: Math.min(500, n - i) }, one))
    const answer = await fetch(`${url}/healthz`)
    console.log(`connected ${open}, served ${answer.status}`)
    sockets.forEach(socket => socket.destroy())
}

// n clients of one thread that all send while it stands still: each is answered when it goes on.
async function together(n, pid) {
    const request = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'
    const sockets = Array.from({ length: n }, connect)
    const answers = () => Promise.all(sockets.map(socket => new Promise(resolve => {
        const timer = setTimeout(resolve, 120000, 0)
        socket.once('data', () => { clearTimeout(timer); resolve(1) })
        socket.write(request)
    })))
    await answers()
    process.kill(pid, 'SIGSTOP')
    const all = answers()
    await new Promise(resolve => setTimeout(resolve, 200))
    process.kill(pid, 'SIGCONT')
    const answered = (await all).reduce((sum, one) => sum + one, 0)
    say(answered === n, `${n} clients that send at once are answered at once`, answered)
    sockets.forEach(socket => socket.destroy())
}

// A request whose end can be read in two ways, and another one behind it: 400, one head, and the connection ends.
async function framing(key) {
    const body = '{"userId":"u","event":"x"}', n = body.length, second = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'
    const chunks = `${n.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const kinds = [
        ['two lengths', `Content-Length: ${n}\r\nContent-Length: ${n + second.length}`, body],
        ['two lengths, the longer first', `Content-Length: ${n + second.length}\r\nContent-Length: ${n}`, body],
        ['the same length twice', `Content-Length: ${n}\r\nContent-Length: ${n}`, body],
        ['a list of lengths', `Content-Length: ${n}, ${n}`, body],
        ['a length and chunks', `Content-Length: ${n}\r\nTransfer-Encoding: chunked`, chunks],
        ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 4`, '0\r\n\r\n'],
        ['a coding that is unknown', `Transfer-Encoding: xchunked\r\nContent-Length: ${n}`, body],
        ['chunks that are no chunks', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'],
        ['a length with a sign', 'Content-Length: +2', '{}'], ['a negative length', 'Content-Length: -1', '{}'],
        ['a length in sixteens', 'Content-Length: 0x2', '{}'], ['no length at all', 'Content-Length:', '{}'],
        ['a length beyond all', 'Content-Length: 99999999999999999999', '{}'],
        ['a space before the colon', `Content-Length : ${n}`, body],
        ['two hosts', `Host: other\r\nContent-Length: ${n}`, body],
    ]
    for (const [name, heads, sent] of kinds) {
        const text = await talk([`POST /v1/track HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ${Buffer.from(`${key}:`).toString('base64')}\r\n` +
            `${heads}\r\n\r\n${sent}${second}`])
        say(text.split('HTTP/1.1 ').length === 2 && text.startsWith('HTTP/1.1 400 ') && text.includes('"code":"invalid'), name, text)
    }
}

// Half a request, then SIGTERM, then the other half: it is answered all the same.
async function drain(key, pid) {
    const event = '{"userId":"d","event":"x"}'
    const head = `POST /v1/track HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ${Buffer.from(`${key}:`).toString('base64')}\r\n` +
        `Content-Length: ${event.length}\r\n\r\n${event.slice(0, 9)}`
    const socket = connect()
    let text = ''
    socket.on('data', bytes => { text += bytes })
    // An answer to a whole one first: then a thread of the server has the connection and not the system alone.
    await new Promise(resolve => { socket.once('data', resolve); socket.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n') })
    text = ''
    await new Promise(resolve => socket.write(head, resolve))
    await new Promise(resolve => setTimeout(resolve, 1000))
    process.kill(Number(pid), 'SIGTERM')
    await new Promise(resolve => setTimeout(resolve, 300))
    socket.write(event.slice(9))
    await new Promise(resolve => { socket.on('close', resolve); socket.on('error', resolve) })
    say(statuses(text) === '200' && text.includes('{"success":true}'), 'answered while stopping', text)
}

await { framing: () => framing(...rest), misbehave: () => misbehave(...rest), slow: () => slow(...rest), trickle, idle: () => idle(Number(rest[0])),
    together: () => together(Number(rest[0]), Number(rest[1])), drain: () => drain(...rest) }[what]()
