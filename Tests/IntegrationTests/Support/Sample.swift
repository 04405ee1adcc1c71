// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Values for tests.
enum Sample {
    static let now = Timestamp(seconds: 1_800_000_000)

    static func user(
        _ email: String = "ada@example.com",
        isActive: Bool = true,
        displayName: String? = "Ada",
        createdAt: Timestamp = now
    ) throws -> User {
        guard let email = EmailAddress(email) else { throw NotAnAddress() }
        return User(
            id: .make(at: createdAt),
            email: email,
            isEmailVerified: true,
            displayName: displayName,
            isActive: isActive,
            createdAt: createdAt,
            updatedAt: createdAt
        )
    }

    static func role(_ name: String, permissions: Set<String> = [], createdAt: Timestamp = now) -> Role {
        Role(
            id: .make(at: createdAt),
            name: name,
            description: "For tests.",
            permissions: permissions,
            createdAt: createdAt,
            updatedAt: createdAt
        )
    }

    static func permission(_ name: String, createdAt: Timestamp = now) throws -> Permission {
        guard let name = PermissionName(name) else { throw NotAName() }
        return Permission(id: .make(at: createdAt), name: name, description: "For tests.", createdAt: createdAt)
    }

    static func identity(subject: String, email: String? = nil) -> ExternalIdentity {
        ExternalIdentity(
            issuer: "https://issuer.example",
            subject: subject,
            email: email,
            isEmailVerified: true,
            displayName: nil
        )
    }

    static func key(
        owner: User,
        createdAt: Timestamp = now,
        roles: Set<String> = [],
        permissions: Set<String> = [],
        expiresAt: Timestamp? = nil
    ) -> APIKey {
        APIKey(
            id: .make(at: createdAt),
            ownerID: owner.id,
            name: "deploy",
            prefix: "pst",
            lastFour: "wxyz",
            grants: Grants(roles: roles, permissions: permissions),
            createdAt: createdAt,
            expiresAt: expiresAt,
            lastUsedAt: nil,
            useCount: 0
        )
    }

    static func session(of user: User) -> Session {
        Session(
            id: .make(at: now),
            userID: user.id,
            method: "google",
            userAgent: "curl/8",
            address: "2001:db8::1",
            createdAt: now,
            lastUsedAt: now,
            expiresAt: now + .seconds(3600)
        )
    }

    static func signingKey(_ kid: String, retiredAt: Timestamp? = nil) -> SigningKeyRecord {
        SigningKeyRecord(
            kid: kid,
            wrappedPrivateKey: [1, 2, 3],
            createdAt: now,
            activatesAt: now,
            retiredAt: retiredAt
        )
    }

    /// 32 bytes that begin with `seed`.
    static func hash(_ seed: UInt8) -> [UInt8] {
        [seed] + [UInt8](repeating: 0xA5, count: 31)
    }

    private struct NotAnAddress: Error {}
    private struct NotAName: Error {}
}
