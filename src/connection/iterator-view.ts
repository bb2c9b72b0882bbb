interface Loop<Item> {
  next(): Promise<IteratorResult<Item, undefined>>;
  return(): Promise<IteratorResult<Item, undefined>>;
}

/** What an application gets of a loop: only the methods of an iterator. */
export function iteratorOf<Item>(loop: Loop<Item>): AsyncIterableIterator<Item, undefined, undefined> & Loop<Item> {
  return {
    next: () => loop.next(),
    return: () => loop.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
