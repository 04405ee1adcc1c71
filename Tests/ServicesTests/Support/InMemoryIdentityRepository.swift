// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

struct InMemoryIdentityRepository: IdentityRepository {
    let store: InMemoryStore

    func link(
        _ identity: ExternalIdentity,
        toVerified email: EmailAddress,
        at instant: Timestamp
    ) throws(DomainError) -> LinkedIdentity? {
        try store.access { tables throws(DomainError) in
            let owner = tables.users.values.first { $0.email == email && $0.isEmailVerified && $0.isActive }
            guard
                let owner, !tables.identities.wasTaken(identity, from: owner.id),
                tables.identities.owner(issuer: identity.issuer, subject: identity.subject) == nil
            else { return nil }
            return tables.identities.link(identity, to: owner.id, at: instant)
        }
    }

    func link(
        _ identity: ExternalIdentity,
        to user: Identifier<User>,
        at instant: Timestamp
    ) throws(DomainError) -> LinkedIdentity? {
        try InMemoryTransactions.requireAny()
        return try store.access { tables throws(DomainError) in
            guard let owner = tables.identities.owner(issuer: identity.issuer, subject: identity.subject) else {
                return tables.identities.link(identity, to: user, at: instant)
            }
            guard owner == user else { return nil }
            return tables.identities.of(user).first {
                $0.issuer == identity.issuer && $0.subject == identity.subject
            }
        }
    }

    func find(_ id: Identifier<LinkedIdentity>, of user: Identifier<User>) throws(DomainError) -> LinkedIdentity? {
        store.tables.identities.of(user).first { $0.id == id }
    }

    func list(
        of user: Identifier<User>,
        after: Identifier<LinkedIdentity>?,
        limit: Int
    ) throws(DomainError) -> [LinkedIdentity] {
        store.tables.identities.of(user).page(after: after, limit: limit, id: \.id)
    }

    func unlink(
        _ id: Identifier<LinkedIdentity>,
        of user: Identifier<User>,
        at _: Timestamp
    ) throws(DomainError) -> LinkedIdentity? {
        try InMemoryTransactions.requireAny()
        return try store.access { tables throws(DomainError) in
            guard let identity = tables.identities.of(user).first(where: { $0.id == id }) else { return nil }
            tables.identities.unlink(identity, of: user)
            return identity
        }
    }

    func hasIdentity(_ user: Identifier<User>, at issuers: [String]) throws(DomainError) -> Bool {
        store.tables.identities.of(user).contains { issuers.contains($0.issuer) }
    }
}
