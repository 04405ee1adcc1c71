// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a database would hold of identities.
struct InMemoryIdentities: Equatable, Sendable {
    struct Key: Hashable, Sendable {
        let issuer: String
        let subject: String
    }

    struct Link: Equatable, Sendable {
        let user: Identifier<User>
        let identity: LinkedIdentity
    }

    private(set) var links: [Key: Link] = [:]
    /// Those that were taken from each user.
    private(set) var unlinked: [Identifier<User>: Set<Key>] = [:]

    var isEmpty: Bool { links.isEmpty }

    func owner(issuer: String, subject: String) -> Identifier<User>? {
        links[Key(issuer: issuer, subject: subject)]?.user
    }

    func of(_ user: Identifier<User>) -> [LinkedIdentity] {
        links.values.filter { $0.user == user }.map(\.identity)
    }

    func wasTaken(_ identity: ExternalIdentity, from user: Identifier<User>) -> Bool {
        unlinked[user]?.contains(Key(issuer: identity.issuer, subject: identity.subject)) ?? false
    }

    @discardableResult
    mutating func link(
        _ identity: ExternalIdentity,
        to user: Identifier<User>,
        at instant: Timestamp
    ) -> LinkedIdentity {
        let key = Key(issuer: identity.issuer, subject: identity.subject)
        let linked = LinkedIdentity(
            id: .make(at: instant),
            issuer: identity.issuer,
            subject: identity.subject,
            email: identity.email,
            createdAt: instant
        )
        links[key] = Link(user: user, identity: linked)
        unlinked[user]?.remove(key)
        return linked
    }

    mutating func unlink(_ identity: LinkedIdentity, of user: Identifier<User>) {
        let key = Key(issuer: identity.issuer, subject: identity.subject)
        links[key] = nil
        unlinked[user, default: []].insert(key)
    }

    /// Lets what was taken from `user` join again.
    mutating func forgetUnlinked(of user: Identifier<User>) {
        unlinked[user] = nil
    }

    mutating func remove(_ user: Identifier<User>) {
        links = links.filter { $0.value.user != user }
        unlinked[user] = nil
    }
}
