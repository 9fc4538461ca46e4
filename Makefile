# SPDX-License-Identifier: Apache-2.0
# OpenWrt package. `npm ci && npm run build` makes dist/ beforehand: no npm inside the build root.

include $(TOPDIR)/rules.mk

PKG_NAME:=turnpike
PKG_VERSION:=0.1.0
PKG_RELEASE:=1
PKG_LICENSE:=Apache-2.0
PKG_LICENSE_FILES:=LICENSE
PKG_MAINTAINER:=turnpike maintainers

include $(INCLUDE_DIR)/package.mk

define Package/turnpike
  SECTION:=net
  CATEGORY:=Network
  SUBMENU:=Captive Portals
  TITLE:=Sells WiFi access by the megabyte and by the minute
  DEPENDS:=+node +ubus +nftables
  PKGARCH:=all
endef

define Package/turnpike/description
  Takes purchases over ubus, opens the gate of a captive portal (openNDS or nodogsplash), counts each customer's bytes,
  closes the gate at the time or data cap and gives back what was not used.
endef

define Package/turnpike/conffiles
/etc/config/turnpike
endef

define Package/turnpike-secp256k1
  SECTION:=net
  CATEGORY:=Network
  SUBMENU:=Captive Portals
  TITLE:=Checks signatures of wallets in WebAssembly, for turnpike
  DEPENDS:=+turnpike
  PKGARCH:=all
endef

define Build/Prepare
	test -f ./dist/turnpike.mjs || { echo "dist/ is missing: npm ci && npm run build" >&2; exit 1; }
	mkdir -p $(PKG_BUILD_DIR)
	$(CP) ./dist ./files ./LICENSE $(PKG_BUILD_DIR)/
endef

define Build/Compile
endef

define Package/turnpike/install
	$(CP) $(PKG_BUILD_DIR)/files/* $(1)/
	$(INSTALL_DIR) $(1)/usr/lib/turnpike
	$(CP) $(PKG_BUILD_DIR)/dist/* $(1)/usr/lib/turnpike/
	# What runs elsewhere, in a checkout only, or has a package of its own.
	rm -f $(addprefix $(1)/usr/lib/turnpike/,facilitator.mjs collector.mjs hub.mjs demo.mjs secp256k1.mjs)
endef

define Package/turnpike-secp256k1/install
	$(INSTALL_DIR) $(1)/usr/lib/turnpike
	$(INSTALL_DATA) $(PKG_BUILD_DIR)/dist/secp256k1.mjs $(1)/usr/lib/turnpike/
endef

# A removal shuts the gates; the script knows an upgrade.
define Package/turnpike/prerm
#!/bin/sh
[ -n "$${IPKG_INSTROOT}" ] || /usr/lib/turnpike/remove "$$@"
exit 0
endef

# apk calls nothing before an upgrade, and procd does not restart what it is told to start as before.
define Package/turnpike/postinst
#!/bin/sh
[ -n "$${IPKG_INSTROOT}" ] || [ "$${PKG_UPGRADE}" != 1 ] || /etc/init.d/turnpike restart
exit 0
endef

$(eval $(call BuildPackage,turnpike))
$(eval $(call BuildPackage,turnpike-secp256k1))
