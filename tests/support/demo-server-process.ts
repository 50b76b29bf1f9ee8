import { once } from 'node:events'
import { connect } from 'node:net'
import { seededRandom } from '../../src/demo/random.ts'
import { seedDemo } from '../../src/demo/seed.ts'
import { startImapServer } from '../../src/demo/server.ts'
import { Store } from '../../src/demo/store.ts'

/** Run by Deno as a process of its own: fills a server and reads one mailbox through a socket; prints what came. */
const store = new Store()
const [user] = seedDemo(store, { mailboxes: 2, messagesPerMailbox: 300, random: seededRandom(1) })
const server = await startImapServer({ store })
const socket = connect(server.port, server.host)
let text = ''
socket.on('data', (chunk) => {
  text += chunk.toString('latin1')
})
const commands = [`LOGIN ${user?.userName} ${user?.password}`, 'EXAMINE INBOX', 'FETCH 1:* BODY.PEEK[]', 'LOGOUT']
socket.write(commands.map((command) => `t ${command}\r\n`).join(''))
await once(socket, 'close')
await server.close()
console.log(text.match(/^\* \d+ FETCH \(BODY\[\] /gm)?.length, text.match(/^t OK .*/gm)?.length)
