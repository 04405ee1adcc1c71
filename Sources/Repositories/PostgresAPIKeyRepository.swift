// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// API keys in PostgreSQL: `api_keys`, `api_key_roles`, `api_key_permissions`.
package struct PostgresAPIKeyRepository: APIKeyRepository {
    let database: any StatementExecutor
    let reader: any StatementExecutor

    /// - Parameters:
    ///   - database: Where they are.
    ///   - reader: What answers when they are listed, when that may be another one; nil for `database`.
    package init(database: any StatementExecutor, reader: (any StatementExecutor)? = nil) {
        self.database = database
        self.reader = reader ?? database
    }

    private static let find = Statement.read(
        """
        select k.id, k.owner_id, k.name, k.prefix, k.last_four, k.created_at, k.expires_at, k.last_used_at, k.use_count,
            array(select r.name from api_key_roles kr join roles r on r.id = kr.role_id where kr.api_key_id = k.id),
            array(
                select p.name
                from api_key_permissions kp
                join permissions p on p.id = kp.permission_id
                where kp.api_key_id = k.id
            )
        from api_keys k
        where k.id = $1 and ($2::uuid is null or k.owner_id = $2) and k.revoked_at is null
        """
    )

    package func find(_ id: Identifier<APIKey>, owner: Identifier<User>?) async throws(DomainError) -> APIKey? {
        try await database.first(Self.find, [.uuid(id.uuid), .uuid(owner?.uuid)]) { row throws(DatabaseError) in
            try row.apiKey()
        }
    }

    private static let lock = Statement.write(
        """
        select id
        from api_keys
        where id = $1 and ($2::uuid is null or owner_id = $2) and revoked_at is null
        for no key update
        """
    )

    package func lockedFind(_ id: Identifier<APIKey>, owner: Identifier<User>?) async throws(DomainError) -> APIKey? {
        // A statement of its own: one that waits for a lock still sees the grants that were there when it began.
        guard try await database.run(Self.lock, [.uuid(id.uuid), .uuid(owner?.uuid)]).count == 1 else { return nil }
        return try await find(id, owner: owner)
    }

    /// A page of everyone's live keys.
    ///
    /// Ids of version 7 sort by creation, so the id alone is the place in the list. Without a place the highest UUID stands in: an index condition where `$1 is null or …` would be a filter over
    /// all keys.
    package static let listAll = Statement.list(
        """
        select k.id, k.owner_id, k.name, k.prefix, k.last_four, k.created_at, k.expires_at, k.last_used_at, k.use_count,
            array(select r.name from api_key_roles kr join roles r on r.id = kr.role_id where kr.api_key_id = k.id),
            array(
                select p.name
                from api_key_permissions kp
                join permissions p on p.id = kp.permission_id
                where kp.api_key_id = k.id
            )
        from api_keys k
        where k.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') and k.revoked_at is null
        order by k.id desc
        limit $2
        """
    )

    /// A page of the live keys of one user; the conditions are those of the lists of users.
    package static let listByOwner = Statement.list(
        """
        select k.id, k.owner_id, k.name, k.prefix, k.last_four, k.created_at, k.expires_at, k.last_used_at, k.use_count,
            array(select r.name from api_key_roles kr join roles r on r.id = kr.role_id where kr.api_key_id = k.id),
            array(
                select p.name
                from api_key_permissions kp
                join permissions p on p.id = kp.permission_id
                where kp.api_key_id = k.id
            )
        from api_keys k
        where k.owner_id >= $3
            and (k.owner_id, k.id) < ($3, coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
            and k.revoked_at is null
        order by k.owner_id desc, k.id desc
        limit $2
        """
    )

    package func list(
        owner: Identifier<User>?,
        after: Identifier<APIKey>?,
        limit: Int
    ) async throws(DomainError) -> [APIKey] {
        var parameters: [Parameter] = [.uuid(after?.uuid), .integer(Int64(limit))]
        if let owner { parameters.append(.uuid(owner.uuid)) }
        return try await reader.all(owner == nil ? Self.listAll : Self.listByOwner, parameters) {
            row throws(DatabaseError) in try row.apiKey()
        }
    }
}
