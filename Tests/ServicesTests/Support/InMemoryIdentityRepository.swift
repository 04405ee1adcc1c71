// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

struct InMemoryIdentityRepository: IdentityRepository {
    let store: InMemoryStore

    func link(_ identity: ExternalIdentity, toVerified email: EmailAddress, at _: Timestamp) throws(DomainError) {
        try store.access { tables throws(DomainError) in
            let key = [identity.issuer, identity.subject]
            let owner = tables.users.values.first { $0.email == email && $0.isEmailVerified && $0.isActive }
            guard let owner, tables.identities[key] == nil else { return }
            tables.identities[key] = owner.id
        }
    }
}
