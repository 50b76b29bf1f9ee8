/** Waits for both sides also when one fails: nobody goes on reading a session that the caller uses for something else. */
export async function both<Left, Right>(left: Promise<Left>, right: Promise<Right>): Promise<readonly [Left, Right]> {
  const [one, other] = await Promise.allSettled([left, right])
  if (one.status === 'rejected') throw one.reason
  if (other.status === 'rejected') throw other.reason
  return [one.value, other.value]
}
