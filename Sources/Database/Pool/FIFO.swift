// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A queue: append at the end, take from the front, both in constant time on average.
struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }

    /// The element at the front; nil when there is none.
    ///
    /// Setting it replaces that element.
    var first: Element? {
        get { isEmpty ? nil : elements[head] }
        set { if !isEmpty { elements[head] = newValue } }
    }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    /// Takes the element at the front; nil when there is none.
    @discardableResult
    mutating func removeFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[head].take()
        head += 1
        if isEmpty {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes the first element that satisfies `predicate` out of the queue.
    mutating func removeFirst(where predicate: (Element) -> Bool) -> Element? {
        let index = elements[head...].firstIndex { element in element.map(predicate) ?? false }
        return index.flatMap { elements.remove(at: $0) }
    }

    /// Takes all elements.
    mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return elements[head...].compactMap { $0 }
    }
}
