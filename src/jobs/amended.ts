import type { MailReader } from '../connectors/connector.ts'

/** The same session, with these members instead of its own. */
export const amended = <Session extends MailReader>(session: Session, members: Partial<MailReader>): Session =>
  new Proxy(session, { get: (target, key) => Reflect.get(Object.hasOwn(members, key) ? members : target, key) })
