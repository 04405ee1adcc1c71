// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A queue: append at the end, take from the front, both in constant time on average.
struct FIFO<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    /// All of them, from front to end.
    var elements: some Sequence<Element> { storage[head...].lazy.compactMap { $0 } }
    /// The element at the end; nil when there is none.
    var last: Element? { isEmpty ? nil : storage[storage.count - 1] }

    /// The element at the front; nil when there is none.
    ///
    /// Setting it replaces that element.
    var first: Element? {
        get { isEmpty ? nil : storage[head] }
        set { if !isEmpty { storage[head] = newValue } }
    }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    /// Takes the element at the front; nil when there is none.
    @discardableResult
    mutating func removeFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head].take()
        head += 1
        if isEmpty {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes the first element that satisfies `predicate` out of the queue.
    mutating func removeFirst(where predicate: (Element) -> Bool) -> Element? {
        let index = storage[head...].firstIndex { element in element.map(predicate) ?? false }
        return index.flatMap { storage.remove(at: $0) }
    }

    /// Takes all elements.
    mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return storage[head...].compactMap { $0 }
    }
}
