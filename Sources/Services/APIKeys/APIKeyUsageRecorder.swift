// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Models
import Synchronization

/// Counts the uses of keys and writes them in batches: a write on each request would make every request of one key wait
/// for the one before it.
///
/// The first use of a key is written with the next batch, and later ones every sixth, about once a minute, so that a busy
/// key does not cost a row version of each worker each time.
package final class APIKeyUsageRecorder: Sendable {
    /// How often a batch is written.
    package static let flushInterval = Duration.seconds(10)
    /// Batches without a key that has just been in one.
    package static let pause = 5
    /// Keys remembered at most; beyond it uses are forgotten.
    private static let capacity = 100_000

    private struct Uses {
        var count: Int64
        var usedAt: Timestamp
        /// Batches that pass before the key is in one again.
        var pause = 0

        mutating func add(_ count: Int64, at instant: Timestamp) {
            self.count += count
            usedAt = max(usedAt, instant)
        }

        var oneBatchLater: Uses { Uses(count: count, usedAt: usedAt, pause: max(0, pause - 1)) }
    }

    private let apiKeys: any APIKeyRepository
    private let logger: Logger
    /// Counted since the last batch.
    ///
    /// Requests wait for this lock, so it is never held for longer than one use takes.
    private let fresh = Mutex<[Identifier<APIKey>: Uses]>([:])
    /// Counted before and not written yet, and keys that pause.
    private let held = Mutex<[Identifier<APIKey>: Uses]>([:])
    private let outdated = Mutex<[[UInt8]: [UInt8]]>([:])
    private let lastFlush = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - apiKeys: Where keys live.
    ///   - logger: Gets a line when a batch cannot be written.
    package init(apiKeys: any APIKeyRepository, logger: Logger) {
        self.apiKeys = apiKeys
        self.logger = logger
    }

    /// Notes that `key` was used at `instant`.
    package func record(_ key: Identifier<APIKey>, at instant: Timestamp) {
        fresh.withLock { fresh in
            if let index = fresh.index(forKey: key) {
                fresh.values[index].add(1, at: instant)
            } else if fresh.count < Self.capacity {
                fresh[key] = Uses(count: 1, usedAt: instant)
            }
        }
    }

    /// Notes that a key was used whose HMAC is still `old`, that of the previous secret, and should be `new`.
    func rehash(from old: [UInt8], to new: [UInt8]) {
        outdated.withLock { outdated in
            guard outdated.count < Self.capacity else { return }
            outdated[old] = new
        }
    }

    /// Writes all that was noted, or without `everything` what is due.
    ///
    /// What cannot be written is kept for the next time. A flush waits for the one before it, and is not cancelled with
    /// its caller: the last one of a process must find nothing in the hands of another.
    package func flush(everything: Bool = true) async {
        let flush = lastFlush.withLock { last in
            let flush = Task { [previous = last] in
                await previous?.value
                await rehash()
                await writeUses(everything: everything)
            }
            last = flush
            return flush
        }
        await flush.value
    }

    private func rehash() async {
        for (old, new) in outdated.withLock({ $0 }) {
            do {
                try await apiKeys.rehash(from: old, to: new)
            } catch {
                logger.warning("API key not stored under the new secret", error: error)
                return
            }
            outdated.withLock { _ = $0.removeValue(forKey: old) }
        }
    }

    private func writeUses(everything: Bool) async {
        let batch = nextBatch(everything: everything)
        guard !batch.isEmpty else { return }
        do {
            try await apiKeys.record(batch)
        } catch {
            logger.warning("use of API keys not written", error: error, metadata: ["keys": "\(batch.count)"])
            return
        }
        held.withLock { held in
            for use in batch { held[use.id] = Uses(count: 0, usedAt: use.usedAt, pause: Self.pause) }
        }
    }

    private func nextBatch(everything: Bool) -> [APIKeyUse] {
        let new = fresh.withLock { fresh in
            defer { fresh = [:] }
            return fresh
        }
        return held.withLock { held in
            for (key, uses) in new {
                if let index = held.index(forKey: key) {
                    held.values[index].add(uses.count, at: uses.usedAt)
                } else if held.count < Self.capacity {
                    held[key] = uses
                }
            }
            held = held.filter { $0.value.count > 0 || $0.value.pause > 0 }
            let due = held.filter { $0.value.count > 0 && (everything || $0.value.pause == 0) }
            held = held.mapValues { $0.oneBatchLater }
            return due.map { APIKeyUse(id: $0.key, count: $0.value.count, usedAt: $0.value.usedAt) }
        }
    }

    /// Writes what is due, again and again until the task is cancelled.
    package func keepFlushing() async {
        while true {
            try? await TaskTimer.sleep(for: Self.flushInterval)
            guard !Task.isCancelled else { return }
            await flush(everything: false)
        }
    }
}
