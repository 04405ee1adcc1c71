// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A group of operations.
struct OpenAPITag {
    let name: String
    let summary: String
    /// The first parts of the paths that belong to it.
    private let resources: Set<Substring>

    static let all = [
        OpenAPITag(name: "Sign-in", summary: "Identity providers and one-time links.", resources: ["auth"]),
        OpenAPITag(name: "Users", summary: "People, and the roles they hold.", resources: ["users"]),
        OpenAPITag(name: "Roles", summary: "Named sets of permissions.", resources: ["roles"]),
        OpenAPITag(name: "Permissions", summary: "What roles and API keys allow.", resources: ["permissions"]),
        OpenAPITag(name: "API keys", summary: "Credentials of programs.", resources: ["api-keys"]),
        OpenAPITag(name: "Audit", summary: "Who changed what.", resources: ["audit-events"]),
        OpenAPITag(name: "Examples", summary: "The ways to guard an endpoint.", resources: ["examples"]),
        operations,
    ]

    /// The tag of the operations at `path`.
    static func of(_ path: String) -> OpenAPITag {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "api" else { return operations }
        return all.first { $0.resources.contains(parts[2]) } ?? operations
    }

    private static let operations = OpenAPITag(
        name: "Operations",
        summary: "For load balancers, resource servers and tools.",
        resources: []
    )
}
