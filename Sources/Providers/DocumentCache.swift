// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A document of a provider, kept for ten minutes.
///
/// When it cannot be fetched again, the old one serves for a day: a provider's failure must not stop everybody's sign-in.
/// Whatever strangers send, it asks the provider at most once in thirty seconds while it has anything to give, and never
/// twice at the same time.
actor DocumentCache<Document: Sendable> {
    /// A document, and which fetch it came from.
    struct Snapshot: Sendable {
        let document: Document
        fileprivate let number: Int
        fileprivate let fetchedAt: MonotonicTime
    }

    private let freshness = Duration.seconds(600)
    private let staleness = Duration.seconds(86_400)
    private let cooldown = Duration.seconds(30)

    private let now: @Sendable () -> MonotonicTime
    private let fetch: @Sendable () async throws(DomainError) -> Document
    private var latest: Snapshot?
    private var lastAttempt: MonotonicTime?
    private var fetching: Task<Result<Snapshot, DomainError>, Never>?

    init(
        now: @escaping @Sendable () -> MonotonicTime,
        fetch: @escaping @Sendable () async throws(DomainError) -> Document
    ) {
        self.now = now
        self.fetch = fetch
    }

    /// The document, from the provider when there is none or an old one.
    ///
    /// - Throws: What fetching throws, when there is none that is young enough to serve.
    func snapshot() async throws(DomainError) -> Snapshot {
        guard let latest, now() - latest.fetchedAt < staleness else { return try await refreshed() }
        if now() - latest.fetchedAt < freshness || isCoolingDown { return latest }
        do throws(DomainError) {
            return try await refreshed()
        } catch {
            return latest
        }
    }

    /// A later document than `old`, which lacks something; nil when the provider was asked only a moment ago.
    ///
    /// - Throws: What fetching throws.
    func snapshot(after old: Snapshot) async throws(DomainError) -> Snapshot? {
        if let latest, latest.number > old.number { return latest }
        if fetching == nil, isCoolingDown { return nil }
        return try await refreshed()
    }

    private var isCoolingDown: Bool {
        lastAttempt.map { now() - $0 < cooldown } ?? false
    }

    private func refreshed() async throws(DomainError) -> Snapshot {
        let task = fetching ?? Task { await attempt() }
        fetching = task
        return try await task.value.get()
    }

    private func attempt() async -> Result<Snapshot, DomainError> {
        defer { fetching = nil }
        lastAttempt = now()
        do throws(DomainError) {
            let document = try await fetch()
            let snapshot = Snapshot(document: document, number: (latest?.number ?? 0) + 1, fetchedAt: now())
            latest = snapshot
            return .success(snapshot)
        } catch {
            return .failure(error)
        }
    }
}
