"""Files of gems, of default gems, and of gems that a distribution of Linux has put elsewhere."""

import pytest

from tests.agent.inventory.belonging.looking import Looking

HOME = "usr/local/bundle"


def gem(name, version, files=""):
    return f"# -*- encoding: utf-8 -*-\n# stub: {name} {version} ruby lib\n\nGem::Specification.new do |s|\n  s.files = [{files}]\nend\n"


@pytest.fixture
def gems(tmp_path):
    default = "usr/local/lib/ruby/gems/3.2.0/specifications/default"
    return Looking(
        tmp_path,
        {
            f"{HOME}/specifications/rack-3.0.gemspec": gem("rack", "3.0"),
            f"{HOME}/specifications/puma-6.0.gemspec": gem("puma", "6.0"),
            f"{default}/json-2.6.gemspec": gem("json", "2.6", '"lib/json.rb".freeze, "lib/json/common.rb".freeze'),
            f"{default}/logger-1.5.gemspec": gem("logger", "1.5", '"lib/logger.rb".freeze'),
            "usr/share/rubygems-integration/all/specifications/sinatra-3.0.gemspec": gem("sinatra", "3.0"),
        },
    )


@pytest.mark.parametrize(
    ("file", "names"),
    [
        (f"/{HOME}/gems/rack-3.0/lib/rack.rb", [("rack", "3.0")]),
        (f"/{HOME}/extensions/x86_64-linux/3.2.0/puma-6.0/puma/puma_http11.so", [("puma", "6.0")]),
        ("/usr/local/lib/ruby/3.2.0/json/common.rb", [("json", "2.6")]),
        ("/usr/local/lib/ruby/3.2.0/set.rb", []),
        (f"/{HOME}/gems/gone-1.0/lib/gone.rb", []),
        ("/app/app.rb", []),
    ],
)
def test_a_file_belongs_to_the_gem_whose_folder_or_list_it_is_in(gems, file, names):
    assert gems.names(file) == names
    assert gems.gaps == []


def test_gems_of_a_distribution_of_linux_are_left_to_who_owns_the_file(gems):
    assert gems.names("/usr/lib/ruby/vendor_ruby/sinatra/base.rb") == []
    around = gems.belongings.unlisted("/usr/lib/ruby/vendor_ruby/sinatra/base.rb")
    assert [package.name for package in around] == ["sinatra"]
