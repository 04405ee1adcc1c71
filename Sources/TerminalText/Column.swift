// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What people see of one property of an `Item`.
package struct Column<Item>: Sendable {
    package let title: String
    package let cell: @Sendable (Item) -> String

    package init(_ title: String, _ cell: @escaping @Sendable (Item) -> String) {
        self.title = title
        self.cell = cell
    }
}
