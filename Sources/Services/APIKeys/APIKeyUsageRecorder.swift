// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Models
import Synchronization

/// Remembers when keys were used and writes it in batches: a write on each request would make every request of one key
/// wait for the one before it.
package final class APIKeyUsageRecorder: Sendable {
    /// How often a batch is written.
    package static let flushInterval = Duration.seconds(10)
    /// Keys remembered between two batches at most; beyond it uses are forgotten, which costs a stale `last_used_at`.
    private static let capacity = 100_000

    private let apiKeys: any APIKeyRepository
    private let logger: Logger
    private let pending = Mutex<[Identifier<APIKey>: Timestamp]>([:])
    private let outdated = Mutex<[[UInt8]: [UInt8]]>([:])

    /// - Parameters:
    ///   - apiKeys: Where keys live.
    ///   - logger: Gets a line when a batch cannot be written.
    package init(apiKeys: any APIKeyRepository, logger: Logger) {
        self.apiKeys = apiKeys
        self.logger = logger
    }

    /// Notes that `key` was used at `instant`.
    package func record(_ key: Identifier<APIKey>, at instant: Timestamp) {
        pending.withLock { pending in
            guard pending.count < Self.capacity || pending[key] != nil else { return }
            pending[key] = max(instant, pending[key] ?? instant)
        }
    }

    /// Notes that a key was used whose HMAC is still `old`, that of the previous secret, and should be `new`.
    func rehash(from old: [UInt8], to new: [UInt8]) {
        outdated.withLock { outdated in
            guard outdated.count < Self.capacity else { return }
            outdated[old] = new
        }
    }

    /// Writes what was noted since the last time.
    ///
    /// What cannot be written is kept for the next time.
    package func flush() async {
        await rehash()
        await writeUses()
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

    private func writeUses() async {
        let batch = pending.withLock { pending in
            defer { pending.removeAll(keepingCapacity: true) }
            return pending
        }
        guard !batch.isEmpty else { return }
        do {
            try await apiKeys.record(batch.map { APIKeyUse(id: $0.key, usedAt: $0.value) })
        } catch {
            logger.warning("use of API keys not written", error: error, metadata: ["keys": "\(batch.count)"])
            for (key, instant) in batch { record(key, at: instant) }
        }
    }

    /// Flushes again and again until the task is cancelled, and once more then.
    package func keepFlushing() async {
        while !Task.isCancelled {
            try? await TaskTimer.sleep(for: Self.flushInterval)
            await flush()
        }
    }
}
