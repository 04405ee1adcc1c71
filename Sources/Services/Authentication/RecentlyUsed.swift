// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Values found by a key, of which the most recently used stay: at least half of the capacity, and never more than it.
///
/// Two generations, so that neither use nor insertion ever has to look for what to drop. Both start young; when the young
/// are half of the capacity, they become the old ones, and the old ones of before go. What is used becomes young again.
package struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let generationSize: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// None yet, and room for `capacity`.
    package init(capacity: Int) {
        generationSize = max(1, capacity / 2)
    }

    /// How many there are.
    package var count: Int { young.count + old.count }

    /// The value of `key`, which counts as used by that.
    package mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard !old.isEmpty, let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    /// Sets the value of `key`.
    package mutating func insert(_ value: Value, for key: Key) {
        if young.count >= generationSize, young[key] == nil {
            old = young
            young = [:]
        }
        old.removeValue(forKey: key)
        young[key] = value
    }
}
